"""The controller's state, derived from what is true at the moment rather than stepped through."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bridge_ros.status import Cause, ControllerReason, ControllerState, held_for


class MotionMode(Enum):
    """What the arm is made to do."""

    NONE = "none"
    """No motion runs: the robot holds itself."""
    FOLLOW = "follow"
    HOME = "home"
    HOLD = "hold"
    """Our motion runs and keeps, or comes to, a standstill."""


@dataclass
class ControllerCondition:
    """All that decides the controller's state and whether it takes targets.

    Attributes:
        lost: why the arm is not connected; None when it is.
        recovering: a recovery that a person asked for is under way.
        fault: what the arm reports, latched until resume; None when nothing.
        stopped: latched by stop until resume.
        blockers: what keeps targets from being followed until it mends by itself.
        motion: what the arm is made to do.
        hold: why it holds, while motion is HOLD.
    """

    lost: Cause[ControllerReason] | None = field(
        default_factory=ControllerReason.NOT_CONNECTED.because
    )
    recovering: bool = False
    fault: Cause[ControllerReason] | None = None
    stopped: bool = False
    blockers: tuple[Cause[ControllerReason], ...] = field(default_factory=tuple)
    motion: MotionMode = MotionMode.NONE
    hold: Cause[ControllerReason] = field(default_factory=ControllerReason.NO_TARGET.because)

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
        if self.blockers or self.motion is MotionMode.HOLD:
            return ControllerState.HOLD
        if self.motion in (MotionMode.FOLLOW, MotionMode.HOME):
            return ControllerState.ACTIVE
        return ControllerState.IDLE

    @property
    def cause(self) -> Cause[ControllerReason]:
        """Why the state is what it is, and what to do about it."""
        if self.lost is not None:
            return self.lost
        if self.recovering:
            return ControllerReason.LEAVING_FAULT.because()
        if self.fault is not None:
            return self.fault
        if self.stopped:
            return ControllerReason.STOP_REQUESTED.because()
        if self.blockers:
            return held_for(self.blockers)
        if self.motion is MotionMode.HOLD:
            return self.hold
        if self.motion is MotionMode.HOME:
            return ControllerReason.GOING_HOME.because()
        if self.motion is MotionMode.FOLLOW:
            return ControllerReason.FOLLOWING_TARGETS.because()
        return ControllerReason.READY.because()

    @property
    def may_move(self) -> bool:
        """Whether nothing latched or lost forbids motion."""
        return self.lost is None and not (self.recovering or self.fault or self.stopped)

    @property
    def takes_targets(self) -> bool:
        """Whether a valid target would be followed."""
        return self.may_move and not self.blockers and self.motion is not MotionMode.HOME

    @property
    def takes_home(self) -> bool:
        """Whether home may start: only from standstill."""
        return self.may_move and self.motion in (MotionMode.NONE, MotionMode.HOLD)
