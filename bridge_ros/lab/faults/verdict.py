"""What came of one fault, and whether that is good enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bridge_ros.lab.faults.fault import Expectation
from bridge_ros.status import Source

MOTION_M = 0.01
"""The arm may get that far after the moment at which it had to hold."""
PEAK_M_S = 0.35
"""Faster is a lurch: trajectories have 0.2 m/s at most, and the arm catches up now and then."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured of one fault.

    Attributes:
        name, what, expect: of the fault.
        held_by: who was to stop the arm.
        due_s: from the fault until the arm had to hold.
        hold_s: until the controller said that it does; None if it never did.
        rest_s: until the arm's last motion above 1 cm/s; None where it need not rest.
        motion_m: how far it got after `due_s`.
        peak_m_s: its fastest after the fault.
        said: what status told.
        person: what a person had to do, as status said, before the next sentence.
        ready_s: from the end of the fault until the next sentence could be given.
        next_tries: how often that had to be given before it moved the arm; 0 if it never did.
        real_time_factor: simulated seconds a second at the slowest, around the fault. On a machine
            that cannot keep up with itself the arm swings in ways that it does not elsewhere.
        trouble: why the campaign could not go on with this fault; empty if it could.
    """

    name: str
    what: str
    expect: Expectation
    held_by: str
    due_s: float
    hold_s: float | None
    rest_s: float | None
    motion_m: float
    peak_m_s: float
    said: tuple[str, ...]
    person: tuple[str, ...]
    ready_s: float | None
    next_tries: int
    real_time_factor: float | None
    trouble: str = ""

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """Why it is not good enough; nothing if it is."""
        found = [self.trouble] if self.trouble else []
        must_hold = self.expect is Expectation.HOLD
        if must_hold and self.held_by == Source.CONTROLLER:
            if self.hold_s is None:
                found.append("the controller never said that it holds")
            elif self.hold_s > self.due_s:
                found.append(f"held after {self.hold_s:.2f} s, due after {self.due_s:.2f} s")
        if self.expect is not Expectation.CARRY_ON:
            if self.motion_m > MOTION_M:
                found.append(f"moved {self.motion_m * 1e3:.0f} mm when it had to stand still")
            if not self.said:
                found.append("nobody said what was wrong")
        if self.peak_m_s > PEAK_M_S:
            found.append(f"lurched at {self.peak_m_s:.2f} m/s")
        if not self.next_tries and not self.trouble:
            found.append("the next sentence did not move the arm")
        return tuple(found)

    @property
    def passed(self) -> bool:
        """Whether it is good enough."""
        return not self.shortcomings

    def to_json(self) -> dict[str, Any]:
        """For the report's file, the verdict with it."""
        return {**asdict(self), "expect": self.expect.value, "shortcomings": self.shortcomings}

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Result:
        """From there."""
        values = {key: value for key, value in entry.items() if key != "shortcomings"}
        for name in ("said", "person"):
            values[name] = tuple(values[name])
        values["expect"] = Expectation(values["expect"])
        return cls(**values)
