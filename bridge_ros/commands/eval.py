"""`bridge-ros eval`: runs a suite of tasks under one condition, resumes, and reports."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.trial import METHODS, NOISES, PLANNERS, TrialCondition
from bridge_ros.sim.suites import DEFAULT_SUITE, SUITES, suite_tasks

if TYPE_CHECKING:
    from bridge_ros.lab.evaluation.suite import AskedTrial
    from bridge_ros.lab.evaluation.trial_log import TrialLog

DESCRIPTION = (
    "Runs episodes of simulated tasks in one process, faster than real time, through the nodes'\n"
    "own planner, trajectory, expert and limits code, and writes report.md, report.json,\n"
    "success.png and a GIF a task. A run that was interrupted goes on where it was."
)
EXAMPLES = """\
examples:
  bridge-ros eval --method ik --noise vlm --trials 20 --seed 1000 --out runs/ik
  bridge-ros eval --method expert --checkpoint runs/finetune/checkpoint --noise vlm --no-films
  bridge-ros eval --suite unseen6 --method expert --tasks pick_up_toy stack_cups --trials 5
  bridge-ros eval --method ik --planner classical --tasks rank_cubes --trials 10 --workers 2
  bridge-ros eval --method ik --planner vlm --planner-model runs/small/model --trials 10
  bridge-ros eval --compare runs/ik runs/expert --out runs/comparison"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "--suite", choices=[*SUITES], default=DEFAULT_SUITE, help="which episodes (tabletop6)"
    )
    parser.add_argument("--tasks", nargs="+", metavar="TASK", help="only these of the suite")
    parser.add_argument("--method", choices=METHODS, default="expert", help="who follows (expert)")
    parser.add_argument("--planner", choices=PLANNERS, default="oracle", help="who plans (oracle)")
    parser.add_argument("--noise", choices=NOISES, default="none", help="how plans err (none)")
    parser.add_argument("--noise-scale", type=float, default=1.0, metavar="X", help="0 to 3 (1)")
    parser.add_argument("--checkpoint", default="models/action_expert", help="folder of the expert")
    parser.add_argument(
        "--planner-model",
        metavar="FOLDER",
        help="of planner vlm: a model's folder (the one that ships)",
    )
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="a task (20)")
    parser.add_argument("--seed", type=int, default=1000, help="of the first trial (1000)")
    parser.add_argument("--out", type=Path, help="folder for the report (default: runs/eval/...)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes (1)")
    parser.add_argument(
        "--compare",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="run nothing: set the reports of these runs side by side, in --out",
    )
    parser.add_argument("--no-films", action="store_true", help="leave out the GIF a task")


def run(arguments: argparse.Namespace) -> int:
    """Run what is not done yet, and write the report; 0 if every trial was run."""
    if arguments.compare:
        from bridge_ros.lab.evaluation.comparison import compare

        print(compare(arguments.compare, arguments.out or Path("runs/eval/comparison")))
        return 0
    if arguments.trials < 1 or arguments.workers < 1 or arguments.seed < 0:
        raise ConfigError(
            "eval: expected at least one trial and worker and a seed from 0, got "
            f"{arguments.trials}, {arguments.workers} and {arguments.seed}"
        )
    from bridge_ros.control.target_checks import TargetLimits
    from bridge_ros.lab.evaluation.evidence import evidence_of
    from bridge_ros.lab.evaluation.report import Report
    from bridge_ros.lab.evaluation.report_files import write_report
    from bridge_ros.lab.evaluation.suite import AskedTrial
    from bridge_ros.lab.evaluation.trial_log import TrialLog
    from bridge_ros.lab.evaluation.vlm_noise import load_noise
    from bridge_ros.settings.config_file import node_settings

    condition = _condition(arguments)
    tasks = {
        name: (task.title, task.horizon)
        for name, task in suite_tasks(arguments.suite, arguments.tasks).items()
    }
    folder = arguments.out or Path("runs/eval") / _name(arguments.suite, condition, arguments.seed)
    evidence = evidence_of(condition, load_noise() if condition.noise == "vlm" else None)
    log = TrialLog(folder, condition, evidence)
    seeds = range(arguments.seed, arguments.seed + arguments.trials)
    asked = [
        AskedTrial(task=task, seed=seed, film=_film(folder, task, seed, arguments))
        for seed in seeds
        for task in tasks
        if not log.has(task, seed)
    ]
    _run_all(condition, asked, log, arguments.workers)
    trials = [trial for trial in log.trials if trial.task in tasks and trial.seed in seeds]
    limits = node_settings(TargetLimits, "controller", "targets")
    report = Report(condition, trials, tasks, limits=limits, evidence=evidence)
    write_report(report, folder)
    print(report.to_markdown())
    print(f"report: {folder}")
    return 0


def _condition(arguments: argparse.Namespace) -> TrialCondition:
    from bridge_ros.planner.small_planner import SMALL_PLANNER

    model = arguments.planner_model or (SMALL_PLANNER if arguments.planner == "vlm" else None)
    return TrialCondition(
        method=arguments.method,
        planner=arguments.planner,
        noise=arguments.noise,
        noise_scale=arguments.noise_scale,
        checkpoint=arguments.checkpoint,
        planner_model=model,
    )


def _run_all(
    condition: TrialCondition, asked: Sequence[AskedTrial], log: TrialLog, workers: int
) -> None:
    """Keep each trial in the log as it is done, and show how it goes."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bridge_ros.lab.evaluation.suite import run_trials

    if not asked:
        return
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    successes = 0
    with (
        Progress(*columns) as progress,
        closing(run_trials(condition, asked, workers=workers)) as trials,
    ):
        bar = progress.add_task("loading", total=len(asked))
        for done, trial in enumerate(trials, start=1):
            log.add(trial)
            successes += trial.success
            verdict = "success" if trial.success else trial.failure
            text = f"{successes}/{done} | {trial.task} {trial.seed}: {verdict}"
            progress.update(bar, advance=1, description=text)


def _film(folder: Path, task: str, seed: int, arguments: argparse.Namespace) -> Path | None:
    """The first trial of every task is filmed."""
    if arguments.no_films or seed != arguments.seed:
        return None
    return folder / "films" / f"{task}.gif"


def _name(suite: str, condition: TrialCondition, seed: int) -> str:
    parts = [suite, condition.method, condition.planner, condition.noise]
    if condition.noise_scale != 1.0:
        parts.append(f"x{condition.noise_scale:g}")
    return "-".join([*parts, f"seed{seed}"])
