"""Segments: connected things that rise above the table, from the organised cloud."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.planner.grounding.colours import hue_families
from bridge_ros.planner.grounding.grounding_settings import GroundingSettings

_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))
"""Rows and columns; two pixels apart too, as edges lose every other pixel."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One connected thing above the table.

    Attributes:
        rows, columns: `(N,)` its pixels.
        points: `(N, 3)` in the table frame [m].
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    points: FloatArray

    def part(self, chosen: NDArray[np.bool_]) -> Segment:
        """The pixels that are chosen, `(N,)`."""
        return Segment(
            rows=self.rows[chosen], columns=self.columns[chosen], points=self.points[chosen]
        )


def find_segments(
    cloud: FloatArray,
    known: NDArray[np.bool_],
    rgb: NDArray[np.uint8],
    settings: GroundingSettings,
) -> list[Segment]:
    """Everything above the table, be it an object, the robot or a hand.

    Args:
        cloud: `(H, W, 3)` organised, in the table frame [m].
        known: `(H, W)` where depth is known and in range.
        rgb: `(H, W, 3)` uint8.
    """
    above = known & (cloud[..., 2] > settings.min_height_m)
    # A part that hides another part of the same thing is of the same colour.
    hues = np.zeros(above.shape, dtype=np.uint8)
    hues[above] = hue_families(rgb[above])
    labels = label_connected(above, cloud, settings.gap_m, hues, settings.hue_gap_m)
    return segments_of(labels, cloud, settings.min_pixels)


def segments_of(labels: NDArray[np.intp], cloud: FloatArray, min_pixels: int) -> list[Segment]:
    """One segment for each label from 0 that has enough pixels of the image `(H, W)`."""
    rows, columns = np.nonzero(labels >= 0)
    numbers = labels[rows, columns]
    order = np.argsort(numbers, kind="stable")
    ends = np.flatnonzero(np.diff(numbers[order])) + 1
    return [
        Segment(rows=rows[one], columns=columns[one], points=cloud[rows[one], columns[one]])
        for one in np.split(order, ends)
        if len(one) >= min_pixels
    ]


def label_connected(
    mask: NDArray[np.bool_],
    cloud: FloatArray,
    gap_m: float,
    hues: NDArray[np.uint8],
    hue_gap_m: float,
) -> NDArray[np.intp]:
    """Number the connected parts of a mask `(H, W)`, -1 outside.

    Neighbouring pixels are connected if their points are no more than `gap_m` apart; those of the
    same hue `(H, W)`, other than 0, if they are no more than `hue_gap_m` apart.
    """
    number = np.full(mask.shape, -1, dtype=np.intp)
    count = int(mask.sum())
    number[mask] = np.arange(count)
    starts, ends = [], []
    for down, right in _NEIGHBOURS:
        here, there = _shifted(mask.shape, down, right)
        rows, columns = np.nonzero(mask[here] & mask[there])
        columns_here, columns_there = columns + max(0, -right), columns + max(0, right)
        step = cloud[rows + down, columns_there] - cloud[rows, columns_here]
        hue = hues[rows, columns_here]
        alike = (hue > 0) & (hue == hues[rows + down, columns_there])
        allowed_m = np.where(alike, hue_gap_m, gap_m)
        near = np.einsum("ij,ij->i", step, step) < allowed_m**2
        starts.append(number[rows[near], columns_here[near]])
        ends.append(number[rows[near] + down, columns_there[near]])
    first, second = np.concatenate(starts), np.concatenate(ends)
    graph = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    labels = np.full(mask.shape, -1, dtype=np.intp)
    labels[mask] = connected_components(graph, directed=False)[1]
    return labels


def floats(
    segment: Segment, cloud: FloatArray, known: NDArray[np.bool_], settings: GroundingSettings
) -> bool:
    """Whether the table is seen right beneath a thing that ends well above it.

    What stands on the table behind something else also ends high in the image; but there the
    pixels beneath belong to what hides it, which is nearer.
    """
    if float(np.percentile(segment.points[:, 2], 2)) < settings.float_height_m:
        return False
    lowest = np.full(cloud.shape[1], -1, dtype=np.intp)
    np.maximum.at(lowest, segment.columns, segment.rows)
    columns = np.flatnonzero(lowest >= 0)
    rows = np.minimum(lowest[columns] + 4, cloud.shape[0] - 1)
    seen = known[rows, columns]
    if not seen.any():
        return True
    on_table = cloud[rows, columns, 2] < settings.min_height_m
    return bool((on_table & seen).sum() > 0.5 * seen.sum())


def _shifted(
    shape: tuple[int, ...], down: int, right: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    height, width = shape
    left = max(0, -right)
    here = slice(0, height - down), slice(left, width - max(0, right))
    there = slice(down, height), slice(left + right, width - max(0, right) + right)
    return here, there
