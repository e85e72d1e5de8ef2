"""The loss and the correction error over the steps of a fine-tuning run, as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bridge_ros.lab.training.loss_plot import draw_losses

_MEASURES = (("across", "mm"), ("along", "mm"), ("yaw", "deg"))


def plot_learning_curves(
    losses: Sequence[tuple[float, ...]], history: Sequence[Mapping[str, Any]], path: Path
) -> None:
    """Draw losses and evaluations to a PNG; dashed lines are the guidance's own errors.

    Args:
        losses: (step, of the diffusion, of the correction).
        history: one mapping an evaluation: "step", and for each test set and group its figures.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    if not losses:
        return
    figure, axes = plt.subplots(1, 1 + len(_MEASURES), figsize=(18, 4), layout="constrained")
    draw_losses(axes[0], losses, ("actions", "correction"))
    axes[0].set(title="training losses")
    for axis, (measure, unit) in zip(axes[1:], _MEASURES, strict=True):
        axis.set(title=f"error {measure} at the contact [{unit}]", xlabel="step")
        for colour, (name, before, after) in enumerate(_curves(history, measure, unit)):
            at = [entry["step"] for entry in history]
            axis.plot(at, after, color=f"C{colour}", marker=".", label=name)
            axis.axhline(before, color=f"C{colour}", linestyle="--", linewidth=0.8)
        axis.set_ylim(bottom=0.0)
        axis.grid(alpha=0.3)
    if history:
        axes[1].legend()
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _curves(
    history: Sequence[Mapping[str, Any]], measure: str, unit: str
) -> list[tuple[str, float, list[float]]]:
    if not history:
        return []
    curves = []
    for test, groups in history[-1].items():
        if isinstance(groups, Mapping):
            for group, figures in groups.items():
                after = [entry[test][group][f"{measure}_after_{unit}"] for entry in history]
                curves.append((f"{test} {group}", figures[f"{measure}_before_{unit}"], after))
    return curves
