"""Planners that do not answer, answer late, or answer nonsense."""

from __future__ import annotations

from bridge_ros.lab.faults.fault import Expectation, Fault, ToldFault
from bridge_ros.lab.faults.timeouts import THINK_TIMEOUT_S

_FAULTS = (
    ("planner_dead", "the model's server refuses the connection", "dead"),
    ("planner_slow", f"an answer takes longer than {THINK_TIMEOUT_S:g} s", "slow"),
    ("planner_garbage", "waypoints that are not numbers", "garbage"),
    ("planner_astray", "a waypoint a metre behind the table", "astray"),
    ("planner_breaks", "the model's library raises", "breaks"),
)


def planner_faults() -> tuple[Fault, ...]:
    """What a planner may do while its node is well; the arm rests meanwhile."""
    return tuple(
        ToldFault(
            name=name,
            what=what,
            node="planner",
            word=word,
            expect=Expectation.REFUSE,
            lasts_s=THINK_TIMEOUT_S + 5.0,
        )
        for name, what, word in _FAULTS
    )
