"""Writes a report: its figures, its tables, and bars of success with intervals."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.lab.evaluation.report import Report


def write_report(report: Report, folder: Path) -> None:
    """Write `report.md`, `report.json` and `success.png`."""
    (folder / "report.md").write_text(report.to_markdown())
    (folder / "report.json").write_text(json.dumps(report.to_dict(), indent=2) + "\n")
    draw_success(report, folder / "success.png")


def draw_success(report: Report, path: Path) -> None:
    """Bars of success a task, with Wilson intervals, above stacked kinds of failure, as PNG."""
    tasks = [name for name in report.tasks if report.of_task(name).trials]
    if not tasks:
        return
    figure, (success, failure) = plt.subplots(
        2, 1, figsize=(9, 6.5), sharex=True, height_ratios=(1.6, 1.0)
    )
    places = np.arange(len(tasks) + 1)
    proportions = [*(report.of_task(name) for name in tasks), report.average]
    shares = np.array([proportion.share for proportion in proportions])
    low, high = np.array([proportion.interval for proportion in proportions]).T
    colours = ["C0"] * len(tasks) + ["C7"]
    success.bar(places, shares, color=colours, width=0.65)
    errors = np.clip([shares - low, high - shares], 0.0, None)
    success.errorbar(places, shares, yerr=errors, fmt="none", ecolor="0.2", capsize=4)
    for place, share in zip(places, shares, strict=True):
        success.text(place, 0.03, f"{share:.2f}", ha="center", color="white", fontweight="bold")
    success.set_ylim(0.0, 1.05)
    success.set_ylabel("success")
    condition = report.condition
    success.set_title(f"{condition.method}, planner {condition.planner}, noise {condition.noise}")
    kinds = sorted({kind for name in tasks for kind in report.failures(name)})
    bottom = np.zeros(len(tasks))
    for index, kind in enumerate(kinds):
        counts = np.array([report.failures(name)[kind] for name in tasks])
        failure.bar(
            places[:-1], counts, bottom=bottom, width=0.65, color=f"C{index + 1}", label=kind
        )
        bottom += counts
    failure.set_ylabel("failures")
    if kinds:
        failure.legend(fontsize=8, ncols=4, loc="upper left")
        failure.set_ylim(0.0, 1.6 * float(bottom.max()))
    titles = [report.tasks[name][0].replace(" ", "\n", 1) for name in tasks]
    failure.set_xticks(places, [*titles, "Average"])
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
