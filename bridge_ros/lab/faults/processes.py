"""Nodes that end or freeze."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge_ros.lab.faults.fault import FROZEN_HOLD_WITHIN_S, Fault
from bridge_ros.lab.faults.fault_topics import NODES
from bridge_ros.lab.faults.timeouts import ROBOT_SILENCE_S

if TYPE_CHECKING:
    from bridge_ros.lab.faults.system_under_test import SystemUnderTest


@dataclass(frozen=True, kw_only=True)
class Killed(Fault):
    """A node's process ends at once, as by `kill -9`; the supervisor starts it again."""

    node: str

    def inject(self, system: SystemUnderTest) -> None:
        os.kill(system.supervisor.pid(self.node), signal.SIGKILL)


@dataclass(frozen=True, kw_only=True)
class Frozen(Fault):
    """A node's process stands still (SIGSTOP), and goes on later (SIGCONT)."""

    node: str

    def inject(self, system: SystemUnderTest) -> None:
        os.kill(system.supervisor.pid(self.node), signal.SIGSTOP)

    def undo(self, system: SystemUnderTest) -> None:
        os.kill(system.supervisor.pid(self.node), signal.SIGCONT)


def process_faults() -> tuple[Fault, ...]:
    """Each node killed, and each frozen."""
    killed = [
        Killed(
            name=f"{node}_killed",
            what=f"kill -9 of the {node} node",
            node=node,
            held_by="robot" if node == "controller" else "controller",
            detect_s=ROBOT_SILENCE_S if node == "sim" else 0.0,
            ends_process=True,
        )
        for node in NODES
    ]
    frozen = [
        Frozen(
            name=f"{node}_frozen",
            what=f"the {node} node stands still (SIGSTOP)",
            node=node,
            within_s=FROZEN_HOLD_WITHIN_S,
            held_by="robot" if node == "controller" else "controller",
        )
        for node in NODES
    ]
    return (*killed, *frozen)
