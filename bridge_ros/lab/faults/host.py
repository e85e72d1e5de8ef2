"""Trouble of the computer: its clock and its load."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge_ros.lab.faults.fault import Expectation, Fault, ToldFault
from bridge_ros.lab.faults.fault_topics import NODES
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

if TYPE_CHECKING:
    from bridge_ros.lab.faults.system_under_test import SystemUnderTest

_HOGS = 8
_NEXT_TARGET_S = CONTROL_PERIOD_S
"""Stamps are compared when something comes."""


@dataclass(frozen=True, kw_only=True)
class HostClockJump(Fault):
    """The clock of the whole computer jumps, and jumps back."""

    jump_s: float

    def inject(self, system: SystemUnderTest) -> None:
        for node in NODES:
            if node != "sim":
                system.client.tell(node, f"clock {self.jump_s:+g}")

    def undo(self, system: SystemUnderTest) -> None:
        for node in NODES:
            if node != "sim":
                system.client.tell(node, "")


@dataclass(frozen=True, kw_only=True)
class CpuHog(Fault):
    """Other programs want all of the processors."""

    _hogs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def inject(self, system: SystemUnderTest) -> None:
        command = [sys.executable, "-S", "-c", "while True: pass"]
        self._hogs.extend(subprocess.Popen(command) for _ in range(_HOGS))

    def undo(self, system: SystemUnderTest) -> None:
        for hog in self._hogs:
            hog.kill()
            hog.wait()
        self._hogs.clear()


def host_faults() -> tuple[Fault, ...]:
    """Clocks that jump, of one computer of several or of the only one; and no processor left."""
    alone = [
        ToldFault(
            name=f"{node}_clock_{direction}",
            what=f"the clock of the {node}'s computer alone jumps by {jump_s:+g} s",
            node=node,
            word=f"clock {jump_s:+g}",
            detect_s=_NEXT_TARGET_S,
        )
        for node in ("expert", "controller")
        for direction, jump_s in (("forward", 5.0), ("back", -5.0))
    ]
    whole = [
        HostClockJump(
            name=f"host_clock_{direction}",
            what=f"the clock of all nodes jumps by {jump_s:+g} s",
            jump_s=jump_s,
            expect=Expectation.CARRY_ON,
        )
        for direction, jump_s in (("forward", 5.0), ("back", -5.0))
    ]
    hog = CpuHog(
        name="cpu_hog",
        what=f"{_HOGS} programs that never rest",
        expect=Expectation.CARRY_ON,
    )
    return (*alone, *whole, hog)
