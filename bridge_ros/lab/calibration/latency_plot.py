"""A plot of the curves that a latency was read from."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.calibration.latency import Curve, Latency


def draw_latency(latency: Latency, path: Path) -> None:
    """Draw, as PNG, how targets, arm and pictures go to and fro; each between -1 and 1."""
    start_s = latency.measured.times_s[0]
    figure, (arm, camera) = plt.subplots(2, 1, figsize=(11, 7), sharex=True)
    pairs = (
        (arm, latency.wanted, "targets", latency.measured, "arm", latency.arm),
        (camera, latency.measured, "arm", latency.seen, "pictures", latency.camera),
    )
    for axes, first, first_name, second, second_name, delay in pairs:
        values = _scaled(second)
        at_s = second.times_s - delay.seconds
        if np.corrcoef(np.interp(at_s, first.times_s, first.values), values)[0, 1] < 0.0:
            values = -values
        axes.plot(first.times_s - start_s, _scaled(first), "--", lw=1.2, label=first_name)
        axes.plot(second.times_s - start_s, values, lw=1.4, label=second_name)
        axes.set_title(f"{second_name}: {1e3 * delay.seconds:.0f} ms after {first_name}")
        axes.legend(loc="upper right", fontsize=8)
        axes.grid(alpha=0.3)
    camera.set_xlabel("time by the stamps [s]")
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _scaled(curve: Curve) -> FloatArray:
    middle = (curve.values.max() + curve.values.min()) / 2.0
    return np.asarray(2.0 * (curve.values - middle) / max(float(np.ptp(curve.values)), 1e-9))
