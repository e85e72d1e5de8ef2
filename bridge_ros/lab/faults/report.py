"""The campaign's report: a table, the figures behind it, and one plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.lab.faults.fault import Expectation
from bridge_ros.lab.faults.verdict import MOTION_M, Result

RESULTS_FILE = "faults.json"
_LONGEST_SAYING = 110


def load_results(folder: Path) -> list[Result]:
    """Those of an earlier run; none if there was none.

    Raises:
        ConfigError: if the file is not one of this command.
    """
    file = folder / RESULTS_FILE
    if not file.exists():
        return []
    try:
        return [Result.from_json(entry) for entry in json.loads(file.read_text())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{file}: expected the results of an earlier `bridge-ros faults` ({error}); "
            "choose another --out, or remove it"
        ) from error


def write_report(results: Sequence[Result], folder: Path) -> None:
    """Write faults.json, faults.md and faults.png."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = [result.to_json() for result in results]
    partial = folder / f"{RESULTS_FILE}.partial"
    partial.write_text(json.dumps(entries, indent=2) + "\n")
    partial.replace(folder / RESULTS_FILE)
    (folder / "faults.md").write_text(table(results))
    draw(results, folder / "faults.png")


def table(results: Sequence[Result]) -> str:
    """The report as Markdown."""
    passed = sum(result.passed for result in results)
    paces = [r.real_time_factor for r in results if r.real_time_factor is not None]
    pace = f" The simulation ran at {min(paces):.2f} to {max(paces):.2f} of real time." * bool(
        paces
    )
    lines = [
        f"{passed} of {len(results)} faults passed.{pace}",
        "",
        "| Fault | What it is | Must | Held after (due) | At rest after | Moved after due "
        "| Status said | Before the next sentence | Next works | Passed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = (
            f"`{result.name}`",
            result.what,
            result.expect.value,
            _hold(result),
            "" if result.rest_s is None else f"{result.rest_s:.2f} s",
            "" if result.rest_s is None else f"{result.motion_m * 1e3:.1f} mm",
            "<br>".join(_short(text) for text in result.said),
            _recovery(result),
            ("no", "yes", "at the 2nd try", "at the 3rd try")[result.next_tries],
            "yes" if result.passed else "**no**: " + "; ".join(result.shortcomings),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def draw(results: Sequence[Result], file: Path) -> None:
    """Time to hold beside what was due, and motion after that, as PNG."""
    shown = [result for result in results if result.rest_s is not None]
    figure, (hold, motion) = plt.subplots(
        1, 2, figsize=(11, 1.2 + 0.26 * max(len(shown), 1)), sharey=True
    )
    places = np.arange(len(shown))
    colours = ["C0" if result.passed else "C3" for result in shown]
    due = np.array([result.due_s for result in shown])
    held = np.array([np.nan if result.hold_s is None else result.hold_s for result in shown])
    rest = np.array([result.rest_s for result in shown], dtype=np.float64)
    hold.barh(places, held, color=colours, label="the controller holds")
    hold.plot(rest, places, "|", color="0.4", markersize=9, label="the arm's last motion")
    hold.plot(due, places, "k.", markersize=4, label="due")
    hold.set_xlabel("after the fault [s]")
    hold.set_yticks(places, [result.name for result in shown], fontsize=8)
    hold.invert_yaxis()
    hold.legend(fontsize=8, loc="lower right")
    motion.barh(places, [result.motion_m * 1e3 for result in shown], color=colours)
    motion.axvline(MOTION_M * 1e3, color="k", linewidth=0.8)
    motion.set_xlabel("motion after the hold was due [mm]")
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _hold(result: Result) -> str:
    if result.held_by == "robot" and result.hold_s is None:
        return "by the robot itself"
    held = "none" if result.hold_s is None else f"{result.hold_s * 1e3:.0f} ms"
    due = f" ({result.due_s * 1e3:.0f})" if result.expect is Expectation.HOLD else ""
    return held + due


def _recovery(result: Result) -> str:
    if result.ready_s is None:
        return "not reached"
    person = f"; a person: {', '.join(dict.fromkeys(result.person))}" if result.person else ""
    return f"{result.ready_s:.1f} s{person}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SAYING else text[: _LONGEST_SAYING - 1] + "…"
