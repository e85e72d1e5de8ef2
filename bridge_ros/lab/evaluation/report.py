"""Turns trials into what is reported: success a task and horizon, failures, smoothness, speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.lab.evaluation.proportion import Proportion
from bridge_ros.lab.evaluation.trial import Trial, TrialCondition

HORIZONS = ("short", "middle", "long")


class Report:
    """The figures of one run of a suite.

    Args:
        condition: of all of the trials.
        trials: done so far, in any order.
        tasks: title and horizon of every task of the suite, by name, in order.
        limits: of the controller; the steps between targets are shown beside them.
        evidence: what else the trials depend on, for JSON: the checkpoint's hash, magnitudes.
    """

    def __init__(
        self,
        condition: TrialCondition,
        trials: Sequence[Trial],
        tasks: Mapping[str, tuple[str, str]],
        *,
        limits: TargetLimits | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        self.condition = condition
        self.limits = limits or TargetLimits()
        self.evidence = dict(evidence or {})
        self.trials = sorted(trials, key=lambda trial: (list(tasks).index(trial.task), trial.seed))
        self.tasks = tasks

    def of_task(self, name: str) -> Proportion:
        """Successes of one task."""
        return _proportion([trial for trial in self.trials if trial.task == name])

    def of_horizon(self, horizon: str) -> Proportion:
        """Successes of all tasks of one horizon."""
        return _proportion([trial for trial in self.trials if self.tasks[trial.task][1] == horizon])

    @property
    def average(self) -> Proportion:
        """Successes of all trials."""
        return _proportion(self.trials)

    def failures(self, name: str) -> Counter[str]:
        """How often a task failed in which way."""
        return Counter(t.failure for t in self.trials if t.task == name and not t.success)

    def retries(self) -> dict[str, int]:
        """Grasps that closed on nothing, the trials that had any, and how many succeeded yet."""
        with_miss = [trial for trial in self.trials if trial.missed_grasps]
        return {
            "missed_grasps": sum(trial.missed_grasps for trial in with_miss),
            "trials": len(with_miss),
            "succeeded": sum(trial.success for trial in with_miss),
        }

    def refusals(self) -> Counter[str]:
        """Refused targets and widths by the controller's reason; not_ready: after a reflex."""
        return sum((Counter(trial.refusals) for trial in self.trials), Counter())

    def smoothness(self) -> dict[str, float]:
        """The worst of all trials, and the controller's limits of steps between two targets.

        "silences" are control periods without a target although something was being followed.
        """
        trials = self.trials
        return {
            "limit_step_m": self.limits.max_step_m,
            "limit_step_rad": self.limits.max_step_rad,
            "targets": sum(trial.targets for trial in trials),
            "refused": sum(trial.refused for trial in trials),
            "silences": sum(trial.silences for trial in trials),
            "worst_step_m": max((trial.worst_step_m for trial in trials), default=0.0),
            "worst_step_rad": max((trial.worst_step_rad for trial in trials), default=0.0),
            "worst_seam_m": max((trial.worst_seam_m for trial in trials), default=0.0),
        }

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        simulated_s = sum(trial.duration_s for trial in self.trials)
        wall_s = sum(trial.wall_s for trial in self.trials)
        return {
            "condition": asdict(self.condition) | self.evidence,
            "tasks": {
                name: {
                    "title": title,
                    "horizon": horizon,
                    **_figures(self.of_task(name)),
                    "failures": dict(self.failures(name)),
                    "seeds": self._seeds(name),
                }
                for name, (title, horizon) in self.tasks.items()
            },
            "horizons": {horizon: _figures(self.of_horizon(horizon)) for horizon in HORIZONS},
            "average": _figures(self.average),
            "retries": self.retries(),
            "smoothness": self.smoothness(),
            "refusals": dict(self.refusals()),
            "simulated_s": round(simulated_s, 1),
            "wall_s": round(wall_s, 1),
            "times_real_time": round(simulated_s / wall_s, 2) if wall_s else None,
        }

    def _seeds(self, name: str) -> dict[str, list[int]]:
        """Of a task, by how the trials ended: "success", or the kind of failure."""
        seeds: dict[str, list[int]] = {}
        for trial in self.trials:
            if trial.task == name:
                seeds.setdefault(trial.failure or "success", []).append(trial.seed)
        return seeds

    def to_markdown(self) -> str:
        """Tables for people."""
        condition, smooth, retries = self.condition, self.smoothness(), self.retries()
        noise: str = condition.noise
        if noise != "none" and condition.noise_scale != 1.0:
            noise += f" x {condition.noise_scale:g}"
        lines = [
            f"## {condition.method}, planner {condition.planner}, noise {noise}",
            "",
            "Success share with its 95 % Wilson interval.",
            "",
            "| Task | Horizon | Success | Trials | Failures |",
            "|---|---|---|---|---|",
        ]
        for name, (title, horizon) in self.tasks.items():
            proportion = self.of_task(name)
            if proportion.trials:
                failures = ", ".join(f"{n} {kind}" for kind, n in self.failures(name).most_common())
                lines.append(
                    f"| {title} | {horizon} | {proportion} | {proportion.trials} | {failures} |"
                )
        for horizon in HORIZONS:
            proportion = self.of_horizon(horizon)
            if proportion.trials:
                lines.append(f"| *{horizon}* | | {proportion} | {proportion.trials} | |")
        lines.append(f"| **Average** | | **{self.average}** | {self.average.trials} | |")
        limits = (
            f"limits {1000 * self.limits.max_step_m:.0f} mm and {self.limits.max_step_rad:.2f} rad"
        )
        reasons = ", ".join(f"{reason} {n}" for reason, n in self.refusals().most_common())
        reasons = f" ({reasons})" if reasons else ""
        seeds = [trial.seed for trial in self.trials]
        simulated_s = sum(trial.duration_s for trial in self.trials)
        wall_s = sum(trial.wall_s for trial in self.trials)
        lines += [
            "",
            f"Targets: {smooth['targets']:.0f}, refused {smooth['refused']:.0f}{reasons}, "
            f"periods without one {smooth['silences']:.0f}. Largest step between two targets "
            f"{1000 * smooth['worst_step_m']:.1f} mm and {smooth['worst_step_rad']:.3f} rad "
            f"({limits}); "
            f"worst seam between chunks {1000 * smooth['worst_seam_m']:.1f} mm.",
            "",
            f"Grasps that closed on nothing: {retries['missed_grasps']}, in {retries['trials']} "
            f"trials, of which {retries['succeeded']} succeeded after trying again.",
        ]
        if seeds:
            lines += [
                "",
                f"Seeds {min(seeds)} to {max(seeds)}. {simulated_s:.0f} s of episodes took "
                f"{wall_s:.0f} s: {simulated_s / wall_s:.1f} times as fast as real time.",
            ]
        return "\n".join(lines) + "\n"


def _proportion(trials: Sequence[Trial]) -> Proportion:
    return Proportion(successes=sum(trial.success for trial in trials), trials=len(trials))


def _figures(proportion: Proportion) -> dict[str, Any]:
    low, high = proportion.interval
    return {
        "successes": proportion.successes,
        "trials": proportion.trials,
        "success": round(proportion.share, 4),
        "interval": [round(low, 4), round(high, 4)],
    }
