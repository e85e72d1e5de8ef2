"""`bridge-ros bench`: how long the parts take on this machine, measured side by side in one run."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.lab.bench.durations import quantiles
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

if TYPE_CHECKING:
    from bridge_ros.geometry.poses import FloatArray

PARTS = ("expert", "planner", "trajectory", "controller", "devices")


def bench(part: str, *, model: str | None = None, records: Path | None = None) -> dict[str, Any]:
    """Measure one part, or `all` of them; times in milliseconds, and the machine they hold for.

    Args:
        model: folder of the planner's vision-language model.
        records: what it is to plan as well, to be compared with what was demonstrated.

    Raises:
        ConfigError: for a part that does not exist, or a model that cannot be loaded.
    """
    from bridge_ros.lab.bench.device_bench import bench_devices
    from bridge_ros.lab.bench.planner_bench import bench_planners

    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "expert": _expert,
        "planner": lambda: bench_planners(model, records),
        "trajectory": _trajectory,
        "controller": _controller,
        "devices": bench_devices,
    }
    if part != "all" and part not in measures:
        raise ConfigError(f"bench: expected one of {['all', *PARTS]}, got {part!r}")
    chosen = measures if part == "all" else {part: measures[part]}
    machine = {"processor": _processor(), "python": platform.python_version()}
    return {"machine": machine, **{name: measure() for name, measure in chosen.items()}}


def _expert() -> dict[str, Any]:
    import torch

    from bridge_ros.lab.bench.expert_bench import bench_expert

    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    return {device: bench_expert(device=device) for device in devices}


def _trajectory() -> dict[str, Any]:
    from bridge_ros.trajectory.pose_trajectory import PoseTrajectory

    start, waypoints = _motion()
    fit = quantiles(
        lambda: PoseTrajectory.fit(start, waypoints, start_width=0.08, end_width=0.0), 50
    )
    return {"fit": fit}


def _controller() -> dict[str, Any]:
    """One step of the interpolator, and the checks of one target."""
    from bridge_ros.control.interpolator import MotionLimits, StreamInterpolator

    start, _ = _motion()
    interpolator = StreamInterpolator(MotionLimits(), start, 0.0)
    clock = {"now_s": 0.0}

    def period() -> None:
        now_s = clock["now_s"] = clock["now_s"] + CONTROL_PERIOD_S
        target = start + [0.05 * np.sin(now_s), 0, 0, 0, 0, 0, 0]
        interpolator.follow(target, now_s, now_s)
        for tick in range(5):
            interpolator.sample(now_s + 0.01 * tick)

    return {"follow and five samples": quantiles(period, 200)}


def _motion() -> tuple[FloatArray, FloatArray]:
    start = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])
    waypoints = np.array([[0.45, 0.1, 0.25], [0.5, 0.12, 0.15], [0.5, 0.12, 0.03]])
    return start, waypoints


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as text:
            names = [line.split(":", 1)[1].strip() for line in text if "model name" in line]
    except OSError:
        return platform.processor()
    return f"{len(names)} x {names[0]}" if names else platform.processor()
