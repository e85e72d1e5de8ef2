"""The losses over the steps of a training run, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_losses(losses: Sequence[tuple[float, ...]], path: Path) -> None:
    """Draw (step, loss) pairs, with their running median, to a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    if not losses:
        return
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    draw_losses(axes, losses, ("loss",))
    axes.set(ylabel="mean squared error of the normalised action")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_losses(axes: Axes, losses: Sequence[tuple[float, ...]], names: Sequence[str]) -> None:
    """Draw losses, (step, loss, …) with a name for each, and their running medians to axes."""
    steps, *columns = np.array(losses).T
    window = max(1, len(steps) // 50)
    for number, (values, name) in enumerate(zip(columns, names, strict=True)):
        smooth = [np.median(values[max(0, i - window) : i + window + 1]) for i in range(len(steps))]
        axes.plot(steps, values, color=f"C{number}", alpha=0.25, linewidth=0.8)
        axes.plot(steps, smooth, color=f"C{number}", label=name)
    axes.set(xlabel="step", yscale="log")
    axes.legend()
