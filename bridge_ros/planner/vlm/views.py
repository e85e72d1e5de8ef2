"""Several views of one scene, and the plan that most of them agree on.

A small model errs now and then where a slightly other image would have had it right. All of an
image moved by some pixels is what a camera with another principal point would have seen: exactly
the same scene in 3D. So it is asked about several of them, as in test-time augmentation, and the
majority counts, as in self-consistency (Wang et al. 2023).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.planner.plan import WaypointPlan

T = TypeVar("T", bound=np.generic)

MAX_VIEWS = 15
_SHIFT_PX = 16.0
_GOLDEN_ANGLE_RAD = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True, kw_only=True)
class View:
    """A frame moved by whole pixels, and the intrinsics that make it the same scene.

    Attributes:
        rgb, depth_m, intrinsics: as in `Planner.plan`.
        right_px, down_px: so far the image was moved.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    intrinsics: Intrinsics
    right_px: int = 0
    down_px: int = 0

    def moved(self, right_px: int, down_px: int) -> View:
        """The same scene, further right and down; no depth is known of what comes in."""
        camera = self.intrinsics
        return View(
            rgb=shift_image(self.rgb, right_px, down_px),
            depth_m=shift_image(self.depth_m, right_px, down_px, mode="constant"),
            intrinsics=replace(camera, cx=camera.cx + right_px, cy=camera.cy + down_px),
            right_px=self.right_px + right_px,
            down_px=self.down_px + down_px,
        )


def view_shifts(count: int) -> tuple[tuple[int, int], ...]:
    """So many ways to move an image, right and down [px]: not at all, then in a ring."""
    angles = np.arange(1, count) * _GOLDEN_ANGLE_RAD
    ring = np.rint(_SHIFT_PX * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(int)
    return ((0, 0), *((int(right), int(down)) for right, down in ring))


def most_agreed(plans: Sequence[WaypointPlan]) -> int:
    """Which of the plans stands for most: of the subgoal named most often, the middle one.

    The middle one is that whose target is nearest to all the others' targets, as sums go. Where
    as many name one subgoal as another, what was said first counts.

    Args:
        plans: one or more.
    """
    subgoal, _ = Counter(plan.subgoal for plan in plans).most_common(1)[0]
    alike = [number for number, plan in enumerate(plans) if plan.subgoal == subgoal]
    targets = np.array([plans[number].target_pose[:3] for number in alike])
    apart = np.linalg.norm(targets[:, None] - targets[None], axis=2).sum(axis=1)
    return alike[int(np.argmin(apart))]


def shift_image(
    image: NDArray[T], right_px: int, down_px: int, mode: Literal["edge", "constant"] = "edge"
) -> NDArray[T]:
    """An image `(H, W, ...)` moved right and down; what comes in repeats the edge, or is 0."""
    height, width = image.shape[:2]
    margins = (max(down_px, 0), max(-down_px, 0)), (max(right_px, 0), max(-right_px, 0))
    padded = np.pad(image, (*margins, *((0, 0),) * (image.ndim - 2)), mode)
    top, left = max(-down_px, 0), max(-right_px, 0)
    return padded[top : top + height, left : left + width]
