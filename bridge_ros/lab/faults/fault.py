"""What a fault is: how it is brought about, undone, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bridge_ros.lab.faults.system_under_test import SystemUnderTest

HOLD_WITHIN_S = 0.2
"""Of the moment at which the fault can be told from good operation."""
FROZEN_HOLD_WITHIN_S = 0.3
"""Of a process being frozen; the middleware needs to miss it first."""


class Expectation(str, Enum):
    """What must come of a fault."""

    HOLD = "hold"
    """The arm, which moves, holds."""
    CARRY_ON = "carry on"
    """The arm, which moves, need not hold: the fault does no harm."""
    REFUSE = "refuse"
    """The arm, which rests when the sentence comes, is not moved, and status says why."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of trouble.

    Attributes:
        name: unique, as given to `--only`.
        what: it is, in words.
        expect: what must come of it.
        detect_s: from the injection until it is a fault by the settings: the age up to which a
            camera's silence is borne, the longest wait for a gripper's reply.
        within_s: of that, until the arm has to hold.
        lasts_s: until it is undone.
        held_by: who stops the arm: where the controller itself is lost, the robot.
        ends_process: whether a node, and with it what others have connected to, is replaced.
    """

    name: str
    what: str
    expect: Expectation = Expectation.HOLD
    detect_s: float = 0.0
    within_s: float = HOLD_WITHIN_S
    lasts_s: float = 2.5
    held_by: Literal["controller", "robot"] = "controller"
    ends_process: bool = False

    def prepare(self, system: SystemUnderTest) -> None:
        """Before the sentence, with the arm at home."""

    def inject(self, system: SystemUnderTest) -> None:
        """Bring it about; returns at once."""
        raise NotImplementedError

    def undo(self, system: SystemUnderTest) -> None:
        """End it; what only time or a person can mend is left to them."""


@dataclass(frozen=True, kw_only=True)
class ToldFault(Fault):
    """A node's device, model or clock fails because the node is told so; see `faults.nodes`.

    Attributes:
        node: its name.
        word: what it understands.
    """

    node: str
    word: str

    def inject(self, system: SystemUnderTest) -> None:
        system.client.tell(self.node, self.word)

    def undo(self, system: SystemUnderTest) -> None:
        system.client.tell(self.node, "")
