"""The controller's state, derived from what is true at the moment rather than stepped through."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

NO_TARGET = "no target"
"""How a hold's message begins that only waits for targets; other holds have a cause to mend."""

HOME_REACHED = "home is reached"
"""How the message of a hold at home ends."""


class ControllerState(str, Enum):
    """States on /bridge/status, the first that applies in this order."""

    DISCONNECTED = "disconnected"
    RECOVERING = "recovering"
    FAULT = "fault"
    STOPPED = "stopped"
    HOLD = "hold"
    ACTIVE = "active"
    IDLE = "idle"


class Motion(Enum):
    """What the arm is made to do."""

    NONE = "none"
    """No motion runs: the robot holds itself."""
    FOLLOW = "follow"
    HOME = "home"
    HOLD = "hold"
    """Our motion runs and keeps, or comes to, a standstill."""


@dataclass
class Condition:
    """All that decides the controller's state and whether it takes targets.

    Attributes:
        lost: why the arm is not connected; None when it is.
        recovering: a recovery that a person asked for is under way.
        fault: what the arm reports, latched until resume; None when nothing.
        stopped: latched by stop until resume.
        blockers: what keeps targets from being followed until it mends by itself.
        motion: what the arm is made to do.
        hold_reason: why it holds, while motion is HOLD.
    """

    lost: str | None = "not connected yet"
    recovering: bool = False
    fault: str | None = None
    stopped: bool = False
    blockers: tuple[str, ...] = field(default_factory=tuple)
    motion: Motion = Motion.NONE
    hold_reason: str = NO_TARGET

    @property
    def state(self) -> ControllerState:
        """The first state that applies."""
        if self.lost is not None:
            return ControllerState.DISCONNECTED
        if self.recovering:
            return ControllerState.RECOVERING
        if self.fault is not None:
            return ControllerState.FAULT
        if self.stopped:
            return ControllerState.STOPPED
        if self.blockers or self.motion is Motion.HOLD:
            return ControllerState.HOLD
        if self.motion in (Motion.FOLLOW, Motion.HOME):
            return ControllerState.ACTIVE
        return ControllerState.IDLE

    @property
    def message(self) -> str:
        """Why the state is what it is, and what to do about it."""
        state = self.state
        if state is ControllerState.DISCONNECTED:
            return f"arm not reached: {self.lost}; trying again"
        if state is ControllerState.RECOVERING:
            return "leaving the fault"
        if state is ControllerState.FAULT:
            return f"{self.fault}; mend the cause, then call /bridge/resume"
        if state is ControllerState.STOPPED:
            return "stopped on request; /bridge/resume allows motion again"
        if self.blockers:
            return "; ".join(self.blockers) + "; targets are refused until that is mended"
        if state is ControllerState.HOLD:
            return self.hold_reason
        if self.motion is Motion.HOME:
            return "going home"
        if state is ControllerState.ACTIVE:
            return "following targets"
        return "ready for targets"

    @property
    def may_move(self) -> bool:
        """Whether nothing latched or lost forbids motion."""
        return self.lost is None and not (self.recovering or self.fault or self.stopped)

    @property
    def takes_targets(self) -> bool:
        """Whether a valid target would be followed."""
        return self.may_move and not self.blockers and self.motion is not Motion.HOME

    @property
    def takes_home(self) -> bool:
        """Whether home may start: only from standstill."""
        return self.may_move and self.motion in (Motion.NONE, Motion.HOLD)
