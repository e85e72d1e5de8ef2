"""Targets that a controller must refuse, or follow without harm: what broken senders send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray, pose_at, position_of, rotation_of
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

KINDS = (
    "jump",
    "jump and stay",
    "flip",
    "negated quaternion",
    "nan",
    "far",
    "burst",
    "silence",
    "zigzag",
    "stretch",
)


@dataclass(frozen=True, kw_only=True)
class HostileTarget:
    """One target of a misbehaving sender, relative to the good target that was due.

    Attributes:
        wait_s: how long after the target before it is sent; 0 is at once.
        age_s: how old its stamp is when it is sent.
        shift_m: `(3,)` added to the good position, base frame.
        turn: applied to the good orientation, in base.
        factor: multiplies the whole quaternion.
        spoilt: index of the number that is replaced by NaN; None for none.
    """

    wait_s: float = CONTROL_PERIOD_S
    age_s: float = 0.0
    shift_m: FloatArray = field(default_factory=lambda: np.zeros(3))
    turn: Rotation = field(default_factory=Rotation.identity)
    factor: float = 1.0
    spoilt: int | None = None

    def pose(self, good: FloatArray) -> FloatArray:
        """`(7,)` what is sent in place of the good pose."""
        quaternion = self.factor * (self.turn * rotation_of(good)).as_quat()
        pose = pose_at(position_of(good) + self.shift_m, quaternion)
        if self.spoilt is not None:
            pose[self.spoilt] = np.nan
        return pose


def hostile_targets(
    kind: str, rng: np.random.Generator, *, step_m: float, step_rad: float
) -> Iterator[HostileTarget]:
    """The targets of one misbehaviour.

    Args:
        kind: one of `KINDS`. "zigzag" keeps within the step that the controller allows, and
            "stretch" goes smoothly to where no arm reaches, and back: these are to be followed, as
            far as that is safe.
        step_m, step_rad: the controller's largest step.
    """
    axis = _direction(rng)
    if kind == "jump":
        yield HostileTarget(shift_m=0.10 * axis)
    elif kind == "jump and stay":
        yield from [HostileTarget(shift_m=0.10 * axis)] * 10
    elif kind == "flip":
        yield HostileTarget(turn=Rotation.from_rotvec(np.pi * axis))
    elif kind == "negated quaternion":
        yield HostileTarget(factor=-1.0)
    elif kind == "nan":
        yield HostileTarget(spoilt=int(rng.integers(7)))
    elif kind == "far":
        yield HostileTarget(shift_m=rng.uniform(1.0, 5.0) * axis)
    elif kind == "burst":
        for age_s in (0.15, 0.10, 0.05, 0.0):
            yield HostileTarget(wait_s=0.2 if age_s == 0.15 else 0.0, age_s=age_s)
    elif kind == "silence":
        yield HostileTarget(wait_s=1.0)
    elif kind == "zigzag":
        turn = Rotation.from_rotvec(0.45 * step_rad * _direction(rng))
        for number in range(20):
            sign = 1.0 if number % 2 else -1.0
            yield HostileTarget(
                shift_m=sign * 0.45 * step_m * axis, turn=turn if number % 2 else turn.inv()
            )
    else:
        outwards = np.array([1.0, rng.choice([-1.0, 1.0]), 1.0]) / np.sqrt(3.0)
        for fraction in np.linspace(0.0, 1.0, 81):
            yield HostileTarget(shift_m=0.6 * np.sin(np.pi * fraction) ** 2 * outwards)


def _direction(rng: np.random.Generator) -> FloatArray:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))
