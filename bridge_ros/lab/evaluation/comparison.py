"""Sets reports of several runs side by side: one table and one plot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.evaluation.proportion import Proportion
from bridge_ros.lab.evaluation.report import HORIZONS
from bridge_ros.lab.evaluation.saturation import Curve, lead, progress, saturates_at

_WRONG_THING = "wrong thing"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a report says.

    Attributes:
        label: method, planner and noise, or the folder's name where several runs share those.
        method: who followed.
        strength: of the noise, 0 for none.
        steps: for which the planner's model was fine-tuned, if it is a checkpoint of `train vlm`.
        tasks: successes by title; horizons: by name; average: of all trials.
        named: of those in which the planner did not name a wrong thing.
        scenes: how a trial ended, by task and seed: "success", or the kind of failure.
    """

    label: str
    method: str
    strength: float
    steps: int | None
    tasks: dict[str, Proportion]
    horizons: dict[str, Proportion]
    average: Proportion
    named: Proportion
    scenes: dict[tuple[str, int], str]


def load_run(folder: Path) -> Run:
    """Read `report.json` of a run's folder.

    Raises:
        ConfigError: if it is not there, or not a report.
    """
    path = folder / "report.json"
    try:
        report: Any = json.loads(path.read_text())
        condition = report["condition"]
        strength = 0.0 if condition["noise"] == "none" else float(condition["noise_scale"])
        noise = "no noise" if strength == 0.0 else f"noise x {strength:g}"
        checkpoint = re.search(r"checkpoint-(\d+)/?$", condition.get("planner_model") or "")
        steps = int(checkpoint[1]) if checkpoint else None
        average = _proportion(report["average"])
        misnamed = sum(task["failures"].get(_WRONG_THING, 0) for task in report["tasks"].values())
        planner = condition["planner"] + ("" if steps is None else f" after {steps} steps")
        return Run(
            label=f"{condition['method']}, {planner}, {noise}",
            method=condition["method"],
            strength=strength,
            steps=steps,
            tasks={task["title"]: _proportion(task) for task in report["tasks"].values()},
            horizons={name: _proportion(report["horizons"][name]) for name in HORIZONS},
            average=average,
            named=replace(average, trials=average.trials - misnamed),
            scenes={
                (name, int(seed)): str(end)
                for name, task in report["tasks"].items()
                for end, seeds in task["seeds"].items()
                for seed in seeds
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: expected a report of `bridge-ros eval`: {error}") from error


def comparison_table(runs: list[Run], names: list[str]) -> str:
    """Markdown: a row a task, a horizon and the average, a column a run."""
    rows = [
        "| | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(runs),
    ]
    titles = list(dict.fromkeys(title for run in runs for title in run.tasks))
    nothing = Proportion(successes=0, trials=0)
    for title in titles:
        rows.append(_row(title, [run.tasks.get(title, nothing) for run in runs]))
    for horizon in HORIZONS:
        rows.append(_row(f"*{horizon}*", [run.horizons[horizon] for run in runs]))
    rows.append(_row("**Average**", [run.average for run in runs]))
    if any(run.named != run.average for run in runs):
        rows.append(_row("where no wrong thing was named", [run.named for run in runs]))
    trials = ", ".join(str(run.average.trials) for run in runs)
    rows += ["", f"Shares with 95 % Wilson intervals; trials: {trials}."]
    if len(runs) == 2:
        difference, low, high = runs[1].average.minus(runs[0].average)
        rows.append(
            f"The second average minus the first: {difference:.2f} [{low:.2f}, {high:.2f}], "
            "Newcombe's 95 % interval."
        )
    return "\n".join(rows) + "\n"


def curves(runs: list[Run], *, named: bool = False) -> dict[str, Curve]:
    """Success of each method, over steps of fine-tuning if all runs tell them, or over noise.

    Args:
        runs: in any order.
        named: only of trials in which the planner did not name a wrong thing.
    """
    by_steps = _tell_steps(runs)
    found: dict[str, Curve] = {}
    for run in runs:
        place = float(run.steps or 0) if by_steps else run.strength
        success = run.named if named else run.average
        found.setdefault(run.method, []).append((place, success))
    return {method: sorted(curve, key=lambda point: point[0]) for method, curve in found.items()}


def draw_curves(runs: list[Run], path: Path) -> None:
    """A line a method, as PNG: success over the planner's fine-tuning, or over its noise."""
    by_steps = _tell_steps(runs)
    figure, axes = plt.subplots(figsize=(6.5, 4.0))
    of_named = curves(runs, named=True)
    for index, (method, curve) in enumerate(curves(runs).items()):
        colour = f"C{index}"
        _draw_curve(axes, curve, color=colour, label=method)
        if of_named[method] != curve:
            label = f"{method}, where no wrong thing was named"
            _draw_curve(axes, of_named[method], color=colour, linestyle="--", label=label)
        if by_steps and len(curve) > 1:
            axes.axvline(saturates_at(curve), color=colour, linestyle=":")
    axes.set_xlabel(
        "steps of the planner's fine-tuning (dotted: within a tenth of the last success)"
        if by_steps
        else "strength of the planner's noise (1: that of a vision-language model)"
    )
    axes.set_ylabel("success, all tasks")
    axes.set_ylim(0.0, 1.05)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_curve(axes: Axes, curve: Curve, **style: Any) -> None:
    places = [place for place, _ in curve]
    shares = np.array([success.share for _, success in curve])
    low, high = np.array([success.interval for _, success in curve]).T
    errors = np.clip([shares - low, high - shares], 0.0, None)
    axes.errorbar(places, shares, yerr=errors, marker="o", capsize=3, **style)


def compare(folders: list[Path], out: Path) -> str:
    """Write `comparison.md` and `comparison.png`; returns the table.

    Its columns are the folders in their order, or checkpoints of a planner by method and steps.

    Raises:
        ConfigError: if a folder holds no report.
    """
    found = [(load_run(folder), folder.name) for folder in folders]
    if _tell_steps([run for run, _ in found]):
        found.sort(key=lambda one: (one[0].method, one[0].steps))
    runs = [run for run, _ in found]
    labels = [run.label for run in runs]
    names = labels if len(set(labels)) == len(labels) else [folder for _, folder in found]
    out.mkdir(parents=True, exist_ok=True)
    table = comparison_table(runs, names)
    if _tell_steps(runs):
        table += _saturation(runs)
        if any(run.named != run.average for run in runs):
            table += "\nWhere no wrong thing was named:\n" + _saturation(runs, named=True)
    (out / "comparison.md").write_text(table)
    draw_curves(runs, out / "comparison.png")
    return table


def _tell_steps(runs: list[Run]) -> bool:
    return all(run.steps is not None for run in runs)


def _saturation(runs: list[Run], *, named: bool = False) -> str:
    found = curves(runs, named=named)
    found = {name: c for name, c in found.items() if len(c) > 1 and c[-1][1].share > 0.0}
    text = "".join(
        f"{method}: within a tenth of its last success from step {saturates_at(curve):g} on; "
        f"before, {progress(curve):.2f} of it in the mean.\n"
        for method, curve in found.items()
    )
    if len(found) == 2:
        (name, early), (other, late) = sorted(found.items(), key=lambda one: -progress(one[1]))
        scenes = sorted(set.intersection(*(set(run.scenes) for run in runs)))
        if [step for step, _ in early] == [step for step, _ in late] and scenes:
            successes = (_successes(runs, method, scenes, named) for method in (name, other))
            more, low, high = lead(*successes)
            text += (
                f"In the {len(scenes)} scenes that all have, {name} is ahead of {other} in that "
                f"by {more:.2f} [{low:.2f}, {high:.2f}], a 95 % interval.\n"
            )
    return text


def _successes(
    runs: list[Run], method: str, scenes: list[tuple[str, int]], named: bool
) -> FloatArray:
    """`(steps, scenes)` of one method, by steps, for `lead`."""
    worth = {"success": 1.0} | ({_WRONG_THING: np.nan} if named else {})
    mine = sorted((run for run in runs if run.method == method), key=lambda run: run.steps or 0)
    return np.array([[worth.get(run.scenes[scene], 0.0) for scene in scenes] for run in mine])


def _row(title: str, proportions: list[Proportion]) -> str:
    cells = [str(proportion) if proportion.trials else "" for proportion in proportions]
    return f"| {title} | " + " | ".join(cells) + " |"


def _proportion(figures: Any) -> Proportion:
    return Proportion(successes=int(figures["successes"]), trials=int(figures["trials"]))
