"""The physics of grasping: the arm and the fingers, stepped as fast as the machine can."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import interpolate, rotation_between
from bridge_ros.language import read_instruction
from bridge_ros.sim.judge import judge
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World

DOWN = Rotation.from_euler("x", 180, degrees=True)
FORCE_N = 40.0


class Bench:
    """A world whose arm goes where it is told, without a server in between."""

    def __init__(self, seed=0):
        self.world = World(make_scene("tabletop", seed))
        self.sim = self.world.make_simulator()
        self.sim.init()
        self.sim.start()
        self.robot = self.sim.robot
        self.target = np.array([0.35, 0.0, 0.45, *DOWN.as_quat()])

    def move(self, target, seconds):
        start, steps = self.target, round(seconds * 1000)
        for i in range(steps):
            s = (i + 1) / steps
            pose = interpolate(start, target, s * s * (3 - 2 * s))
            self.robot.cartesian_position_control(pose, None)
            self.sim.step()
        self.target = target

    def wait(self, seconds):
        self.move(self.target, seconds)

    def grip(self, width_m, seconds=0.8):
        self.robot.fingers.set_goal(width_m, 0.15, FORCE_N)
        self.wait(seconds)

    def poses(self):
        return self.world.object_poses(self.sim.data)

    def tcp(self):
        q = np.array([self.sim.data.joint(f"robot0_fr3_joint{i}").qpos[0] for i in range(1, 8)])
        placement = self.robot.kinematics(q)
        return np.array(
            [*placement.translation, *Rotation.from_matrix(placement.rotation).as_quat()]
        )


@pytest.fixture
def bench():
    bench = Bench()
    yield bench
    bench.sim.cleanup()


def above(position, yaw=0.0, height_m=0.0):
    turn = Rotation.from_euler("z", yaw) * DOWN
    return np.array([*(np.asarray(position)[:3] + [0, 0, height_m]), *turn.as_quat()])


def yaw_of(pose, symmetry):
    yaw = Rotation.from_quat(pose[3:]).as_euler("zyx")[0]
    return (yaw + symmetry / 2) % symmetry - symmetry / 2


def pick(bench, name, symmetry):
    pose = bench.poses()[name]
    yaw = yaw_of(pose, symmetry)
    bench.grip(0.085, seconds=0.2)
    bench.move(above(pose, yaw, 0.12), 1.0)
    bench.move(above(pose, yaw), 0.8)
    bench.grip(0.0)
    bench.move(above(pose, yaw, 0.25), 0.6)
    return yaw


def test_the_arm_carries_its_gripper_without_any_client(bench):
    """Gravity compensation alone, no position control: the figures of Desk fit what hangs there."""
    start = bench.tcp()
    for _ in range(1000):
        bench.robot.torque_control(np.zeros(7))
        bench.sim.step()
    assert np.linalg.norm(bench.tcp()[:3] - start[:3]) < 1e-3
    assert np.degrees(rotation_between(bench.tcp(), start)) < 0.2


def test_a_cube_is_held_while_it_is_lifted_and_swung(bench):
    pick(bench, "red cube", np.pi / 2)
    in_hand = bench.poses()["red cube"][:3] - bench.tcp()[:3]
    assert bench.poses()["red cube"][2] > 0.2
    bench.move(above([0.55, -0.15, 0.45], 0.8), 0.7)
    bench.move(above([0.40, 0.20, 0.30], -0.5), 0.7)
    bench.wait(1.0)
    slipped = bench.poses()["red cube"][:3] - bench.tcp()[:3] - in_hand
    assert np.linalg.norm(slipped) < 0.006
    assert bench.robot.fingers.force_n == pytest.approx(FORCE_N, rel=0.05)


@pytest.mark.parametrize(("name", "symmetry"), [("red cube", np.pi / 2), ("toy", np.pi)])
def test_things_go_into_the_basket_and_stay(bench, name, symmetry):
    before = bench.poses()
    yaw = pick(bench, name, symmetry)
    basket = bench.poses()["basket"]
    bench.move(above(basket, yaw, 0.22), 0.9)
    bench.move(above(basket, yaw, 0.10), 0.6)
    bench.grip(0.09)
    bench.move(above(basket, yaw, 0.25), 0.6)
    bench.wait(1.0)
    things = bench.world.scene.objects
    command = read_instruction(f"put the {name} into the basket")
    assert judge(command, before, bench.poses(), things).success
    moved = bench.poses()["basket"][:3] - before["basket"][:3]
    assert np.linalg.norm(moved) < 0.01


def test_a_cube_stacked_on_another_stays_there(bench):
    before = bench.poses()
    yaw = pick(bench, "green cube", np.pi / 2)
    blue = bench.poses()["blue cube"]
    sizes = [bench.world.scene.object(f"{colour} cube").size_m[2] for colour in ("green", "blue")]
    top = sum(sizes) / 2
    bench.move(above(blue, yaw, 0.15), 1.0)
    bench.move(above(blue, yaw, top + 0.001), 0.8)
    bench.grip(0.08)
    bench.move(above(blue, yaw, 0.25), 0.8)
    bench.wait(1.0)
    command = read_instruction("stack the green cube on the blue cube")
    assert judge(command, before, bench.poses(), bench.world.scene.objects).success


def test_fingers_that_close_on_nothing_close(bench):
    bench.grip(0.0, seconds=1.5)
    assert bench.robot.fingers.width_m < 0.002
