"""What any node says, whatever it is for."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class NodeState(Word):
    """States on /bridge/status with any source."""

    FAILED = "failed"


class NodeReason(Reason):
    """Why a node is in such a state."""

    CANNOT_CHANGE = "cannot_change", "{why}"
