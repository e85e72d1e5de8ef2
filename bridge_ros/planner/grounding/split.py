"""Things that touch, told apart by colour: a red cube on a green one is one segment of two."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing of those that a segment consists of.

    Attributes:
        segment: its pixels.
        base_m: height [m] of what it stands on.
        carried: what stands on it.
    """

    segment: Segment
    base_m: float = 0.0
    carried: tuple[Segment, ...] = ()


def split_by_colour(segment: Segment, rgb: NDArray[np.uint8], min_pixels: int) -> list[Part]:
    """The segment's parts of different colours.

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
        return [Part(segment=segment)]
    nearest = ndimage.distance_transform_edt(
        labels == 0, return_distances=False, return_indices=True
    )
    own = labels[tuple(nearest)][rows, columns]
    segments = [segment.part(own == number) for number in range(1, count + 1)]
    supports = [_support(one, segments) for one in segments]
    return [
        Part(
            segment=one,
            base_m=0.0 if support is None else _top_m(support),
            carried=tuple(
                other for other, under in zip(segments, supports, strict=True) if under is one
            ),
        )
        for one, support in zip(segments, supports, strict=True)
    ]


def _support(one: Segment, segments: list[Segment]) -> Segment | None:
    """The segment beneath, the highest of several; None for what stands on the table."""
    lowest_m = float(np.percentile(one.points[:, 2], 2))
    footprint = fit_footprint(one.points[:, :2])
    beneath = []
    for other in segments:
        if other is not one and abs(lowest_m - _top_m(other)) < _SUPPORT_SLACK_M:
            # Of what carries an equal thing only a side is seen: one centre in the other must do.
            side = fit_footprint(other.points[:, :2])
            if footprint.contains(side.center, _SUPPORT_SCALE) or side.contains(
                footprint.center, _SUPPORT_SCALE
            ):
                beneath.append(other)
    return max(beneath, key=_top_m, default=None)


def _top_m(segment: Segment) -> float:
    return float(np.percentile(segment.points[:, 2], 97))
