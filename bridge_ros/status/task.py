"""The planner's states, how a task can end, and every reason for it."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class TaskState(Word):
    """Where a task stands; on /bridge/status with the source planner."""

    IDLE = "idle"
    THINKING = "thinking"
    EXECUTING = "executing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def busy(self) -> bool:
        """Whether a task is under way."""
        return self in (TaskState.THINKING, TaskState.EXECUTING)

    @property
    def ended(self) -> bool:
        """Whether a task is over."""
        return self in (TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELED)


class TaskOutcome(Word):
    """How a sentence ended, as in ExecuteInstruction.action; `lost` is a client's own finding."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    REJECTED = "rejected"
    LOST = "lost"


class TaskReason(Reason):
    """Why a task is in its state."""

    WAITING_FOR_SENTENCE = "waiting_for_sentence", "waiting for a sentence; backend: {backend}"

    WAITING_FOR_REST = "waiting_for_rest", "waiting for the arm to be at rest"
    LOOKING = "looking", "looking"
    PLANNING = "planning", "looking and planning"
    AWAITING_APPROVAL = (
        "awaiting_approval",
        "{subgoal}: waiting for approval; call /bridge/approve",
    )
    CHECKING_SCENE = "checking_scene", "{subgoal}: looking whether the scene is as it was"
    STAGE_ENDED = "stage_ended", "{subgoal}: {outcome}; looking again"

    CARRYING_OUT = "carrying_out", "{subgoal}"

    DONE = "done", "done: {instruction}"

    NO_PLAN = "no_plan", "{why}"
    NOT_SEEN = "not_seen", "{absence}; if the hand hides it, call /bridge/home first"
    PLANNER_BROKE = "planner_broke", "the planner broke: {kind}: {why}"
    PLANNER_SLOW = "planner_slow", "the planner took longer than {limit_s:g} s"
    PLAN_UNUSABLE = "plan_unusable", "{why}"
    PLAN_REFUSED = "plan_refused", "{subgoal}: {why}"
    NOT_APPROVED = "not_approved", "nobody approved the plan within {limit_s:g} s"
    SCENE_CHANGED = (
        "scene_changed",
        "the scene changed since the plan was made: {percent:.0f} % of what surrounds the target "
        "is not as it was",
    )
    TARGET_HIDDEN = "target_hidden", "the target cannot be seen any more"
    TARGET_OUTSIDE_IMAGE = (
        "target_outside_image",
        "the target is not in the image: it cannot be seen whether it moved",
    )
    CAMERA_CHANGED = "camera_changed", "the camera is not the one that the plan was made with"
    SCENE_UNCHECKED = "scene_unchecked", "{why}"
    NO_FRAME = "no_frame", "no usable camera frame for {limit_s:g} s: {why}"
    NO_REST = "no_rest", "the arm did not come to rest within {limit_s:g} s"
    NO_TARGETS = (
        "no_targets",
        "{subgoal}: the arm got no targets for {limit_s:g} s; are the trajectory and expert nodes "
        "running?",
    )
    STAGE_FAILED = "stage_failed", "{subgoal}: {why}"
    STAGE_SLOW = "stage_slow", "{subgoal}: not done after {limit_s:g} s"
    MISSED = "missed", "{subgoal}: missed {misses} times{details}"
    TOO_MANY_STAGES = "too_many_stages", "not done after {stages} stages"
    ARM_BARRED = "arm_barred", "the arm is {state}: {why}"
    ARM_HOLDS = "arm_holds", "the arm holds: {why}"
    SIMULATION_DIVERGED = "simulation_diverged", "{why}"

    BAD_SENTENCE = "bad_sentence", "expected a sentence of 1 to {limit} characters, got {length}"

    REPLACED = "replaced", "replaced by {sentence}"
    CANCELED = (
        "canceled",
        "canceled; the arm was stopped: call /bridge/resume before the next sentence",
    )
    SHUTTING_DOWN = "shutting_down", "the planner is shutting down"
