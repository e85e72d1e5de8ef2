"""The loss over the steps of a training run, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def plot_losses(losses: Sequence[tuple[int, float]], path: Path) -> None:
    """Draw (step, loss) pairs, with their running median, to a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    from matplotlib import pyplot as plt

    if not losses:
        return
    steps, values = np.array(losses).T
    window = max(1, len(values) // 50)
    smooth = [np.median(values[max(0, i - window) : i + window + 1]) for i in range(len(values))]
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(steps, values, color="0.8", linewidth=0.8, label="loss")
    axes.plot(steps, smooth, color="tab:blue", label="running median")
    axes.set(xlabel="step", ylabel="mean squared error of the normalised action", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)
