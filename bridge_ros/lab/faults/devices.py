"""Arms and grippers whose line or whose self fails, as the proxies in front of them make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.lab.faults.fault import Expectation, Fault, ToldFault
from bridge_ros.lab.faults.proxy import Tampering
from bridge_ros.lab.faults.timeouts import ROBOT_SILENCE_S
from bridge_ros.lab.faults.wsg_tampering import Garbled, Halved, Jammed, Trickling

if TYPE_CHECKING:
    from bridge_ros.lab.faults.system_under_test import SystemUnderTest

_REPLY_S = GripperSettings().timeout_s
"""So long may the gripper take to reply."""


@dataclass(frozen=True, kw_only=True)
class ArmCut(Fault):
    """The arm's connection breaks.

    Attributes:
        stays_away: whether connecting again is refused until the fault is undone.
    """

    stays_away: bool

    def inject(self, system: SystemUnderTest) -> None:
        if self.stays_away:
            system.arm_line.refuse()
        else:
            system.arm_line.cut()

    def undo(self, system: SystemUnderTest) -> None:
        if self.stays_away:
            system.arm_line.start()


@dataclass(frozen=True, kw_only=True)
class GripperFault(Fault):
    """Something with the gripper, which opens while the arm moves."""

    def prepare(self, system: SystemUnderTest) -> None:
        system.close_fingers()


@dataclass(frozen=True, kw_only=True)
class GripperCut(GripperFault):
    """The gripper's connection breaks, and no new one is taken until the fault is undone."""

    def inject(self, system: SystemUnderTest) -> None:
        system.gripper_line.refuse()

    def undo(self, system: SystemUnderTest) -> None:
        system.gripper_line.start()


@dataclass(frozen=True, kw_only=True)
class GripperTampered(GripperFault):
    """Something happens to the gripper's packets on their way."""

    tampering: Callable[[], Tampering]

    def inject(self, system: SystemUnderTest) -> None:
        system.gripper_line.tamper(self.tampering())

    def undo(self, system: SystemUnderTest) -> None:
        system.gripper_line.tamper(None)


def arm_faults() -> tuple[Fault, ...]:
    """What may happen to the robot and the line to it."""
    return (
        ToldFault(name="arm_reflex", what="the robot stops in a reflex", node="sim", word="reflex"),
        ArmCut(
            name="arm_cut",
            what="its connection breaks",
            stays_away=False,
            detect_s=ROBOT_SILENCE_S,
        ),
        ArmCut(
            name="arm_restarted",
            what="its control interface goes away, and comes back later",
            stays_away=True,
            detect_s=ROBOT_SILENCE_S,
            lasts_s=5.0,
        ),
    )


def gripper_faults() -> tuple[Fault, ...]:
    """What may happen to the gripper and the line to it, in the middle of a move."""
    return (
        GripperCut(name="gripper_cut", what="its connection breaks as it moves"),
        GripperTampered(
            name="gripper_garbled", what="replies with a wrong checksum", tampering=Garbled
        ),
        GripperTampered(
            name="gripper_halved",
            what="of every reply only the first half arrives",
            tampering=Halved,
            detect_s=_REPLY_S,
            lasts_s=3.5,
        ),
        GripperTampered(
            name="gripper_trickles",
            what="replies arrive byte by byte",
            tampering=Trickling,
            expect=Expectation.CARRY_ON,
        ),
        GripperTampered(
            name="gripper_jammed",
            what="the fingers do not move, whatever they are told",
            tampering=Jammed,
            expect=Expectation.CARRY_ON,
        ),
    )
