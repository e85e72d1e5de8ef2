"""What every part says of itself: its states, the reasons for them, and the sentences for people.

A program decides on a state and a reason, never on a message. `docs/status.md` lists them all.
"""

from bridge_ros.status.camera import CameraReason, CameraState
from bridge_ros.status.cause import Cause, Reason, cause_of
from bridge_ros.status.controller import Absence, ControllerReason, ControllerState, held_for
from bridge_ros.status.expert import ExpertReason, ExpertState, StageOutcome
from bridge_ros.status.hindrance import Hindrance, hindrance
from bridge_ros.status.node import NodeReason, NodeState
from bridge_ros.status.refusal import Refusal, RefusedTarget
from bridge_ros.status.remedy import Remedy, remedy
from bridge_ros.status.sim import SimReason, SimState
from bridge_ros.status.source import Source
from bridge_ros.status.task import TaskOutcome, TaskReason, TaskState
from bridge_ros.status.trajectory import TrajectoryReason, TrajectoryState
from bridge_ros.status.word import Word

__all__ = [
    "Absence",
    "CameraReason",
    "CameraState",
    "Cause",
    "ControllerReason",
    "ControllerState",
    "ExpertReason",
    "ExpertState",
    "Hindrance",
    "NodeReason",
    "NodeState",
    "Reason",
    "Refusal",
    "Remedy",
    "RefusedTarget",
    "SimReason",
    "SimState",
    "Source",
    "StageOutcome",
    "TaskOutcome",
    "TaskReason",
    "TaskState",
    "TrajectoryReason",
    "TrajectoryState",
    "Word",
    "cause_of",
    "held_for",
    "hindrance",
    "remedy",
]
