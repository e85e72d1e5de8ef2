"""`bridge-ros eval`: runs a suite of tasks under one condition, resumes, and reports."""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.deploy.deployment import SIMULATED_ROTATIONAL_DAMPING_NMS_RAD
from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.evidence import evidence_of
from bridge_ros.lab.evaluation.film import Film
from bridge_ros.lab.evaluation.policies import METHODS, Policy, make_policy
from bridge_ros.lab.evaluation.report import Report
from bridge_ros.lab.evaluation.trial import NOISES, PLANNERS, Condition, Trial
from bridge_ros.lab.evaluation.trial_log import TrialLog
from bridge_ros.lab.evaluation.vlm_noise import VlmNoise
from bridge_ros.planner.small_planner import SMALL_PLANNER
from bridge_ros.settings.config_file import node_settings, settings_from
from bridge_ros.settings.resources import resource_path
from bridge_ros.sim.suites import DEFAULT_SUITE, SUITES, suite_tasks

NOISE_FILE = "config/evaluation/vlm_noise.yaml"

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


@dataclass(frozen=True, kw_only=True)
class Episode:
    """What a worker is to run; `film` is where its film goes, if it is to be filmed."""

    task: str
    seed: int
    film: Path | None = None


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
        help=f"of planner vlm: a model's folder ({SMALL_PLANNER})",
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
    condition = Condition(
        method=arguments.method,
        planner=arguments.planner,
        noise=arguments.noise,
        noise_scale=arguments.noise_scale,
        checkpoint=arguments.checkpoint,
        planner_model=arguments.planner_model
        or (SMALL_PLANNER if arguments.planner == "vlm" else None),
    )
    if arguments.trials < 1 or arguments.workers < 1 or arguments.seed < 0:
        raise ConfigError(
            "eval: expected at least one trial and worker and a seed from 0, got "
            f"{arguments.trials}, {arguments.workers} and {arguments.seed}"
        )
    tasks = {
        name: (task.title, task.horizon)
        for name, task in suite_tasks(arguments.suite, arguments.tasks).items()
    }
    folder = arguments.out or Path("runs/eval") / _name(arguments.suite, condition, arguments.seed)
    evidence = evidence_of(condition, load_noise() if condition.noise == "vlm" else None)
    log = TrialLog(folder, condition, evidence)
    seeds = range(arguments.seed, arguments.seed + arguments.trials)
    episodes = [
        Episode(task=task, seed=seed, film=_film(folder, task, seed, arguments))
        for seed in seeds
        for task in tasks
        if not log.has(task, seed)
    ]
    _run_all(condition, episodes, log, arguments.workers)
    trials = [trial for trial in log.trials if trial.task in tasks and trial.seed in seeds]
    limits = node_settings(TargetLimits, "controller", "targets")
    report = Report(condition, trials, tasks, limits=limits, evidence=evidence)
    write_report(report, folder)
    print(report.to_markdown())
    print(f"report: {folder}")
    return 0


def write_report(report: Report, folder: Path) -> None:
    """Write `report.md`, `report.json` and `success.png`."""
    from bridge_ros.lab.evaluation.plots import draw_success

    (folder / "report.md").write_text(report.to_markdown())
    (folder / "report.json").write_text(json.dumps(report.to_dict(), indent=2) + "\n")
    draw_success(report, folder / "success.png")


def load_noise(path: str | Path = NOISE_FILE) -> VlmNoise:
    """The magnitudes of noise `vlm`.

    Raises:
        ConfigError: if the file is missing or does not hold them.
    """
    found = resource_path(path)
    try:
        return settings_from(VlmNoise, yaml.safe_load(found.read_text()), name=str(found))
    except (yaml.YAMLError, TypeError) as error:
        raise ConfigError(f"{found}: expected magnitudes of noise: {error}") from error


class EpisodeRunner:
    """Runs episodes of one condition in one process; loads the models once."""

    def __init__(self, condition: Condition) -> None:
        from bridge_ros.control.behaviour import BehaviourSettings
        from bridge_ros.control.interpolator import MotionLimits
        from bridge_ros.expert.loop import ExpertLoopSettings
        from bridge_ros.hardware.arm_settings import ArmSettings
        from bridge_ros.hardware.gripper_settings import GripperSettings
        from bridge_ros.lab.evaluation.planners import load_planner
        from bridge_ros.lab.evaluation.rollout import RolloutSettings
        from bridge_ros.perception.cloud import CloudSettings
        from bridge_ros.sim.stepped.simulation import SteppedSettings
        from bridge_ros.task.settings import PlannerSettings
        from bridge_ros.trajectory.settings import TrajectorySettings

        self._condition = condition
        self._policy: Policy = make_policy(condition.method, condition.checkpoint)
        planner = node_settings(PlannerSettings, "planner")
        self._planner = load_planner(condition, planner) if condition.planner == "vlm" else None
        self._noise = load_noise() if condition.noise == "vlm" else None
        self._settings = RolloutSettings(
            cell=SteppedSettings(
                arm=replace(
                    node_settings(ArmSettings, "controller", "arm"),
                    rotational_damping_nms_rad=SIMULATED_ROTATIONAL_DAMPING_NMS_RAD,
                ),
                gripper=node_settings(GripperSettings, "controller", "gripper"),
                behaviour=node_settings(BehaviourSettings, "controller", "behaviour"),
                targets=node_settings(TargetLimits, "controller", "targets"),
                motion=node_settings(MotionLimits, "controller", "motion"),
            ),
            loop=node_settings(ExpertLoopSettings, "expert", "loop"),
            cloud=node_settings(CloudSettings, "expert", "cloud"),
            planner=planner,
            trajectory=node_settings(TrajectorySettings, "trajectory"),
        )

    def run(self, episode: Episode) -> Trial:
        """Run one, and film it if that is asked for."""
        from bridge_ros.lab.evaluation.rollout import Rollout

        film = Film() if episode.film is not None else None
        rollout = Rollout(
            episode.task,
            episode.seed,
            self._condition,
            self._policy,
            noise=self._noise,
            settings=self._settings,
            planner=self._planner,
            film=film.add if film else None,
        )
        trial = rollout.run()
        if film is not None and episode.film is not None:
            film.save(episode.film, period_s=self._settings.filming_period_s)
        return trial


_runner: EpisodeRunner | None = None


def _start_worker(condition: Condition) -> None:
    global _runner
    _runner = EpisodeRunner(condition)


def _work(episode: Episode) -> Trial:
    assert _runner is not None
    return _runner.run(episode)


def _run_all(condition: Condition, episodes: list[Episode], log: TrialLog, workers: int) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    if not episodes:
        return
    columns = (
        TextColumn("{task.description:<44}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    successes = 0
    with Progress(*columns) as progress, closing(_trials(condition, episodes, workers)) as trials:
        bar = progress.add_task("loading", total=len(episodes))
        for done, trial in enumerate(trials, start=1):
            log.add(trial)
            successes += trial.success
            verdict = "success" if trial.success else trial.failure
            text = f"{successes}/{done} | {trial.task} {trial.seed}: {verdict}"
            progress.update(bar, advance=1, description=text)


def _trials(
    condition: Condition, episodes: list[Episode], workers: int
) -> Generator[Trial, None, None]:
    """Trials as they are done."""
    if workers == 1:
        runner = EpisodeRunner(condition)
        for episode in episodes:
            yield runner.run(episode)
        return
    # Forking would copy OpenGL contexts and threads of torch.
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, initializer=_start_worker, initargs=(condition,)) as pool:
        yield from pool.imap_unordered(_work, episodes)


def _film(folder: Path, task: str, seed: int, arguments: argparse.Namespace) -> Path | None:
    """The first trial of every task is filmed."""
    if arguments.no_films or seed != arguments.seed:
        return None
    return folder / "films" / f"{task}.gif"


def _name(suite: str, condition: Condition, seed: int) -> str:
    parts = [suite, condition.method, condition.planner, condition.noise]
    if condition.noise_scale != 1.0:
        parts.append(f"x{condition.noise_scale:g}")
    return "-".join([*parts, f"seed{seed}"])
