"""The packed state is franky-sim's own, byte for byte, whatever drives the arm."""

import numpy as np
import pytest

from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World


@pytest.fixture
def simulator():
    simulator = World(make_scene("tabletop", 1000)).make_simulator()
    simulator.init()
    simulator.start()
    yield simulator
    simulator.cleanup()


def drive_by_torque(robot, rng):
    robot.torque_control(rng.uniform(-2.0, 2.0, 7))


def drive_by_position(robot, rng):
    robot.joint_position_control(np.array(robot.initial_q) + rng.uniform(-0.01, 0.01, 7))


@pytest.mark.parametrize("drive", [drive_by_torque, drive_by_position])
def test_it_equals_what_is_packed_anew(simulator, drive):
    robot, rng = simulator.robot, np.random.default_rng(0)
    drive(robot, rng)
    simulator.step()
    robot.packet.replace(robot.state.pack_state())
    before = robot.packet.to_bytes()
    for _ in range(100):
        drive(robot, rng)
        simulator.step()
        packed = robot.packet.to_bytes()
        assert packed == robot.state.pack_state()
        assert packed != before
        before = packed


def test_what_a_command_changes_comes_with_the_whole_state(simulator):
    robot = simulator.robot
    drive_by_torque(robot, np.random.default_rng(0))
    simulator.step()
    robot.packet.replace(robot.state.pack_state())
    robot.set_load(0.5, (0.0, 0.0, 0.05), (1e-3, 0.0, 0.0, 0.0, 1e-3, 0.0, 0.0, 0.0, 1e-3))
    assert robot.packet.to_bytes() != robot.state.pack_state()
    robot.packet.replace(robot.state.pack_state())
    assert robot.packet.to_bytes() == robot.state.pack_state()
