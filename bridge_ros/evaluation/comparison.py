"""Sets reports of several runs side by side: one table and one plot."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.evaluation.proportion import Proportion
from bridge_ros.evaluation.report import HORIZONS


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a report says.

    Attributes:
        label: method, planner and noise, or the folder's name where several runs share those.
        method: who followed.
        strength: of the noise, 0 for none.
        steps: for which the planner's model was fine-tuned, if it is a checkpoint of `train vlm`.
        tasks: successes by title; horizons: by name; average: of all trials.
    """

    label: str
    method: str
    strength: float
    steps: int | None
    tasks: dict[str, Proportion]
    horizons: dict[str, Proportion]
    average: Proportion


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
        planner = condition["planner"] + ("" if steps is None else f" after {steps} steps")
        return Run(
            label=f"{condition['method']}, {planner}, {noise}",
            method=condition["method"],
            strength=strength,
            steps=steps,
            tasks={task["title"]: _proportion(task) for task in report["tasks"].values()},
            horizons={name: _proportion(report["horizons"][name]) for name in HORIZONS},
            average=_proportion(report["average"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
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
    trials = ", ".join(str(run.average.trials) for run in runs)
    rows += ["", f"Shares with 95 % Wilson intervals; trials: {trials}."]
    if len(runs) == 2:
        difference, low, high = runs[1].average.minus(runs[0].average)
        rows.append(
            f"The second average minus the first: {difference:.2f} [{low:.2f}, {high:.2f}], "
            "Newcombe's 95 % interval."
        )
    return "\n".join(rows) + "\n"


def draw_curves(runs: list[Run], path: Path) -> None:
    """A line a method, as PNG: success over the planner's fine-tuning, or over its noise."""
    by_steps = all(run.steps is not None for run in runs)
    figure, axes = plt.subplots(figsize=(6.5, 4.0))
    for method in dict.fromkeys(run.method for run in runs):
        of_method = [run for run in runs if run.method == method]
        places = np.array([run.steps if by_steps else run.strength for run in of_method])
        order = np.argsort(places)
        of_method, places = [of_method[i] for i in order], places[order]
        shares = np.array([run.average.share for run in of_method])
        low, high = np.array([run.average.interval for run in of_method]).T
        errors = np.clip([shares - low, high - shares], 0.0, None)
        axes.errorbar(places, shares, yerr=errors, marker="o", capsize=3, label=method)
    axes.set_xlabel(
        "steps of the planner's fine-tuning"
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


def compare(folders: list[Path], out: Path) -> str:
    """Write `comparison.md` and `comparison.png`; returns the table.

    Raises:
        ConfigError: if a folder holds no report.
    """
    runs = [load_run(folder) for folder in folders]
    labels = [run.label for run in runs]
    names = labels if len(set(labels)) == len(labels) else [folder.name for folder in folders]
    out.mkdir(parents=True, exist_ok=True)
    table = comparison_table(runs, names)
    (out / "comparison.md").write_text(table)
    draw_curves(runs, out / "comparison.png")
    return table


def _row(title: str, proportions: list[Proportion]) -> str:
    cells = [str(proportion) if proportion.trials else "" for proportion in proportions]
    return f"| {title} | " + " | ".join(cells) + " |"


def _proportion(figures: Any) -> Proportion:
    return Proportion(successes=int(figures["successes"]), trials=int(figures["trials"]))
