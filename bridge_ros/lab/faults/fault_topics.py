"""How a node of the campaign's deployment is told which fault to have."""

from __future__ import annotations

from bridge_ros.ros.topics import LATCHED

NODES = ("camera", "planner", "trajectory", "expert", "controller", "sim")
FAULTS_QOS = LATCHED
_CLOCK = "clock "


def fault_topic(node_name: str) -> str:
    """Where a node hears which fault to have."""
    return f"/faults/{node_name}"


def clock_jump_s(word: str) -> float:
    """How far the word makes the clock jump [s]; 0 for other words."""
    return float(word[len(_CLOCK) :]) if word.startswith(_CLOCK) else 0.0
