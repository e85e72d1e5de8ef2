"""Targets that cease, are no good, or come from a stranger."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge_ros.lab.faults.fault import Expectation, Fault, ToldFault
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

if TYPE_CHECKING:
    from bridge_ros.lab.faults.system_under_test import SystemUnderTest

_NEXT_TARGET_S = CONTROL_PERIOD_S
"""The next target shows that something is wrong."""
_ASIDE_M = 0.03

_OF_THE_EXPERT = (
    ("expert_silent", "the expert's targets cease", "silent"),
    ("expert_nan", "targets that are not numbers", "nan"),
    ("expert_not_unit", "quaternions of length 1.2", "not unit"),
    ("expert_wrong_frame", "targets in the camera's frame", "wrong frame"),
    ("expert_teleports", "targets 10 cm aside of a sudden", "teleport"),
    ("expert_late", "targets that are 0.3 s old", "late"),
)


@dataclass(frozen=True, kw_only=True)
class Stranger(Fault):
    """Another program publishes, at the expert's rate, what only ours should.

    Attributes:
        publish: does so once.
    """

    publish: Callable[[SystemUnderTest], None]
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def inject(self, system: SystemUnderTest) -> None:
        self._end.clear()
        thread = threading.Thread(target=self._run, args=(system,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def undo(self, system: SystemUnderTest) -> None:
        self._end.set()
        while self._threads:
            self._threads.pop().join()

    def _run(self, system: SystemUnderTest) -> None:
        while not self._end.wait(CONTROL_PERIOD_S):
            self.publish(system)


def target_faults() -> tuple[Fault, ...]:
    """What may happen between the expert and the controller, and before the expert."""
    of_the_expert = [
        ToldFault(name=name, what=what, node="expert", word=word, detect_s=_NEXT_TARGET_S)
        for name, what, word in _OF_THE_EXPERT
    ]
    strangers = [
        Stranger(
            name="second_publisher",
            what=f"a second program's targets, {_ASIDE_M * 100:.0f} cm beside the arm",
            publish=lambda system: system.client.publish_target(system.truth.position, _ASIDE_M),
            expect=Expectation.CARRY_ON,
        ),
        Stranger(
            name="stranger_s_plan",
            what="a second program's plans, of waypoints that are not numbers",
            publish=lambda system: system.client.publish_bad_plan(),
            expect=Expectation.CARRY_ON,
        ),
        Stranger(
            name="stranger_s_trajectory",
            what="a second program's trajectories, of poses that are not numbers",
            publish=lambda system: system.client.publish_bad_trajectory(),
            detect_s=_NEXT_TARGET_S,
        ),
    ]
    return (*of_the_expert, *strangers)
