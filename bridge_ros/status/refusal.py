"""Why the controller does not follow a target."""

from __future__ import annotations

from bridge_ros.errors import TargetRefusedError
from bridge_ros.status.cause import Reason


class Refusal(Reason):
    """The rules that a target can break; the values are keys of /diagnostics."""

    NOT_READY = "not_ready", "target: not followed in state {state} ({why})"
    FRAME = "frame", "target: expected frame {expected!r}, got {got!r}"
    NOT_FINITE = "not_finite", "target: expected 7 finite numbers, got {got}"
    QUATERNION = "quaternion", "target: expected a unit quaternion, got norm {norm:.3f}"
    STALE = (
        "stale",
        "target: expected an age of at most {limit_ms:.0f} ms, got {age_ms:.0f} ms; is its sender "
        "slow, or its clock off?",
    )
    FUTURE = (
        "future",
        "target: stamped {ahead_ms:.0f} ms in the future, expected at most {limit_ms:.0f} ms; do "
        "the clocks agree?",
    )
    ORDER = (
        "order",
        "target: stamped {behind_ms:.0f} ms before the last one; do two senders publish targets?",
    )
    WORKSPACE = (
        "workspace",
        "target: expected inside the workspace {low} to {high} m, got {got}",
    )
    STEP = "step", "target: {step} from {anchor}, expected at most {limit}"
    LEAD = (
        "lead",
        "target: {lead_m:.3f} m ahead of the arm, expected at most {limit_m} m; is the arm "
        "blocked?",
    )
    REACH = (
        "reach",
        "target: expected within reach, {room_rad} rad from joint limits and not near-singular, "
        "got {got} m",
    )
    WIDTH = "width", "gripper width: not followed in state {state} ({why})"
    HOME = "home", "home: expected state idle or hold, got {state} ({why})"


class RefusedTarget(TargetRefusedError):
    """A refused target, with the rule that it broke."""

    def __init__(self, reason: Refusal, **details: object) -> None:
        super().__init__(reason.because(**details))
        self.reason = reason
