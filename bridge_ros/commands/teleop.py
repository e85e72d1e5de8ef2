"""`bridge-ros teleop`: a person moves the arm with a keyboard or a SpaceMouse."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from bridge_ros.errors import BridgeError
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings

if TYPE_CHECKING:
    from bridge_ros.graph import GraphSession
    from bridge_ros.lab.teleop.device import Device
    from bridge_ros.lab.teleop.teleop_node import TeleopNode

DESCRIPTION = """\
Move the arm by hand. Targets go the same way as the action expert's, and the controller checks and
limits them just the same. Nothing is sent while the device is let go, and the arm holds. It does
not start while a task runs, and lets go when one begins."""
EXAMPLES = """\
examples:
  bridge-ros teleop                       # keyboard; the keys are shown
  bridge-ros teleop --device spacemouse
  bridge-ros record & bridge-ros teleop   # demonstrations as episodes

exit status: 0 after x or Ctrl-C, 1 if it could not start, or had to let go"""

_PATIENCE_S = 10.0
_CLEAR_FOR_S = 1.5
_SHOW_EVERY_S = 0.2
_POLL_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--device", choices=("keyboard", "spacemouse"), default="keyboard")
    parser.add_argument("--config", default="config/teleop.yaml", help="settings (%(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Drive until the person ends it; see EXAMPLES for the exit status."""
    settings = TeleopSettings.load(arguments.config)
    from bridge_ros.deploy.supervisor import enter_ros_environment
    from bridge_ros.settings.config_file import node_section

    enter_ros_environment()
    from bridge_ros.graph import GraphSession
    from bridge_ros.lab.teleop.teleop_node import TeleopNode
    from bridge_ros.priority import run_in_foreground

    stroke_m = float(node_section("controller", "gripper")["stroke_m"])
    console = Console()
    with (
        closing(_open(arguments.device, settings)) as device,
        GraphSession(
            partial(TeleopNode, device, settings, stroke_m), catch_signals=True
        ) as session,
    ):
        node = session.node
        # Targets that come late make the arm hold between two of them.
        run_in_foreground()
        _wait_for_a_clear_way(session)
        console.print(device.help, highlight=False)
        node.start()
        with console.status("") as line:
            shown_s = 0.0
            while not session.asked_to_end and node.ended is None:
                session.spin_once(_POLL_S)
                if time.monotonic() - shown_s > _SHOW_EVERY_S:
                    shown_s = time.monotonic()
                    line.update(escape(node.in_words()))
        published, ended = node.published, node.ended
    console.print(f"let go after {published} targets; the controller holds the arm")
    if ended:
        raise BridgeError(f"teleop: {ended}")
    return 0


def _open(name: str, settings: TeleopSettings) -> Device:
    if name == "keyboard":
        from bridge_ros.lab.teleop.keyboard import Keyboard

        return Keyboard(sys.stdin.fileno(), hold_s=settings.key_hold_s)
    from bridge_ros.lab.teleop.spacemouse import SpaceMouse

    return SpaceMouse.open(deadband=settings.deadband, silence_s=settings.silence_s)


def _wait_for_a_clear_way(session: GraphSession[TeleopNode]) -> None:
    """Return once nothing was in the way for a while: who comes new does not know all at once.

    Raises:
        BridgeError: saying what is in the way.
    """
    node = session.node
    began_s = clear_s = time.monotonic()
    while not session.asked_to_end:
        session.spin_once(_POLL_S)
        now_s, obstacle = time.monotonic(), node.obstacle()
        if not obstacle and now_s - clear_s > _CLEAR_FOR_S:
            return
        if obstacle:
            clear_s = now_s
        # To a newcomer the topics tell their past first: only what stays so is true.
        if (rival := node.rival()) and now_s - began_s > _CLEAR_FOR_S:
            raise BridgeError(f"teleop: {rival}; wait for its end, or cancel it")
        if now_s - began_s > _PATIENCE_S:
            raise BridgeError(f"teleop: {obstacle or 'the way is not clear'}")
