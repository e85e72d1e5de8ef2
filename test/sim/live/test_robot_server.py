"""The simulated FCI, step by step: what a command changes shows, at whatever instant it comes."""

import os
import socket
import struct

import pytest
from franky_sim.franka_robot_protocol import (
    MoveCommandControllerMode,
    MoveCommandMotionGeneratorMode,
    RobotCommand,
    RobotMode,
)
from franky_sim.franka_server import Command

from bridge_ros.sim.live.robot_server import LockstepRobotServer
from bridge_ros.sim.live.server import FCI_PORT
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World

HOST = f"127.2.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
ROBOT_MODE = -5
"""Where its byte is in a state: before the success rate, which ends it."""


class Server(LockstepRobotServer):
    """Runs something right after it has looked whether a command is there."""

    after_look = staticmethod(lambda: None)

    def _hear(self):
        heard = super()._hear()
        self.after_look()
        return heard


class Cell:
    """A server that is stepped by hand, and its client."""

    def __init__(self):
        self.simulator = World(make_scene("tabletop", 1000)).make_simulator()
        self.server = Server(self.simulator.robot, HOST)
        self.simulator.init()
        self.server.init()
        self.simulator.start()
        self.states = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.states.bind(("127.0.0.1", 0))
        self.states.settimeout(1.0)
        self.commands = socket.create_connection((HOST, FCI_PORT))
        self.said = 0

    def say(self, command, payload):
        self.said += 1
        size = 12 + len(payload)
        self.commands.sendall(struct.pack("<III", command, self.said, size) + payload)

    def step(self):
        self.server.process_commands()
        self.simulator.step()
        self.server.send_state()
        return self.states.recv(4096) if self.server.udp_connected else b""

    def close(self):
        self.commands.close()
        self.states.close()
        self.server.cleanup()
        self.simulator.cleanup()


@pytest.fixture
def cell():
    cell = Cell()
    yield cell
    cell.close()


def connect(cell):
    """Returns the first state."""
    cell.say(Command.kConnect, struct.pack("<HH", 10, cell.states.getsockname()[1]))
    while True:
        if state := cell.step():
            return state


def move(cell):
    modes = MoveCommandControllerMode.kExternalController, MoveCommandMotionGeneratorMode.kNone
    cell.say(RobotCommand.kMove, struct.pack("<II6d", *modes, *[0.0] * 6))


def test_the_first_state_is_a_whole_one(cell):
    assert connect(cell)[ROBOT_MODE] == RobotMode.kIdle


def test_a_motion_that_begins_right_after_the_look_shows(cell):
    connect(cell)
    for _ in range(50):
        cell.step()

    def move_once():
        cell.server.after_look = lambda: None
        move(cell)

    cell.server.after_look = move_once
    modes = [cell.step()[ROBOT_MODE] for _ in range(50)]
    assert modes[0] == RobotMode.kIdle
    assert RobotMode.kMove in modes[:5]
    assert modes[-1] == RobotMode.kMove
