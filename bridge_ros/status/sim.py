"""The sim node's state, and its reason."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.word import Word


class SimState(Word):
    """States on /bridge/status with the source sim."""

    ACTIVE = "active"


class SimReason(Reason):
    """Why the sim node is in its state."""

    CELL_RUNS = "cell_runs", "scene {scene}, seed {seed}: {things}"
