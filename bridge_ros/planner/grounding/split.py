"""Things that touch, told apart by colour: a red cube on a green one is one segment of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bridge_ros.planner.grounding.colours import hue_families
from bridge_ros.planner.grounding.footprint import fit_footprint
from bridge_ros.planner.grounding.segments import Segment

_MIN_SHARE = 0.18
"""Of the segment's pixels; smaller spots are eyes, labels and shadows."""
_SUPPORT_SCALE = 1.3
_SUPPORT_SLACK_M = 0.015


def split_by_colour(
    segment: Segment, rgb: NDArray[np.uint8], min_pixels: int
) -> list[tuple[Segment, float]]:
    """The segment's parts of different colours, each with the height [m] that it stands on.

    A segment of one colour comes back whole, at height 0. Between parts that do not split, pixels
    go to the nearest part.
    """
    kinds = hue_families(rgb[segment.rows, segment.columns])
    top, left = segment.rows.min(), segment.columns.min()
    rows, columns = segment.rows - top, segment.columns - left
    labels = np.zeros((rows.max() + 1, columns.max() + 1), dtype=np.intp)
    needed = max(min_pixels, _MIN_SHARE * len(rows))
    count = 0
    for kind in np.unique(kinds):
        chosen = kinds == kind
        if not kind or chosen.sum() < needed:
            continue
        mask = np.zeros(labels.shape, dtype=bool)
        mask[rows[chosen], columns[chosen]] = True
        spots, number = ndimage.label(ndimage.binary_closing(mask, iterations=2) | mask)
        sizes = np.bincount(spots[rows[chosen], columns[chosen]], minlength=number + 1)
        for spot in np.flatnonzero(sizes[1:] >= needed) + 1:
            count += 1
            labels[mask & (spots == spot)] = count
    if count < 2:
        return [(segment, 0.0)]
    nearest = ndimage.distance_transform_edt(
        labels == 0, return_distances=False, return_indices=True
    )
    own = labels[tuple(nearest)][rows, columns]
    parts = [segment.part(own == number) for number in range(1, count + 1)]
    return [(part, _support_m(part, parts)) for part in parts]


def _support_m(part: Segment, parts: list[Segment]) -> float:
    """Top of the part beneath, or 0 where it stands on the table."""
    lowest_m = float(np.percentile(part.points[:, 2], 2))
    footprint = fit_footprint(part.points[:, :2])
    supports_m = [0.0]
    for other in parts:
        top_m = float(np.percentile(other.points[:, 2], 97))
        if other is not part and abs(lowest_m - top_m) < _SUPPORT_SLACK_M:
            # Of what carries an equal thing only a side is seen: one centre in the other must do.
            beneath = fit_footprint(other.points[:, :2])
            if footprint.contains(beneath.center, _SUPPORT_SCALE) or beneath.contains(
                footprint.center, _SUPPORT_SCALE
            ):
                supports_m.append(top_m)
    return max(supports_m)
