"""The evaluation and the demo mean the same by done, down to the millimetre."""

import numpy as np
import pytest

from bridge_ros.language import read_instruction
from bridge_ros.sim.judge import judge
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.registry import make_task
from bridge_ros.sim.world import World

SEED = 1000


class Episode:
    """An episode whose things are moved by hand, and both verdicts on it."""

    def __init__(self, name):
        self.task = make_task(name, SEED)
        self.scene = self.task.scene
        self.world = World(self.scene)
        self.data = self.world.new_data()
        self.state = PrivilegedState(self.world, self.data)
        self.before = self.poses()

    def poses(self):
        return self.state.poses | self.world.handle_poses_at(self.data.qpos)

    def put(self, name, position):
        import mujoco

        self.data.joint(name).qpos[:] = [*position, 1.0, 0.0, 0.0, 0.0]
        mujoco.mj_forward(self.world.model, self.data)

    def verdicts(self):
        """What the evaluation says, and what the demo's judge says."""
        instruction = read_instruction(self.task.instruction)
        live = judge(instruction, self.before, self.poses(), self.scene.objects)
        return self.task.succeeded(self.state), live.success


@pytest.mark.parametrize(("off_m", "done"), [(0.007, True), (0.009, False), (-0.009, False)])
def test_a_cube_is_stacked_within_eight_millimetres_of_lying_there(off_m, done):
    episode = Episode("stack_cubes")
    top, base = episode.scene.objects[:2]
    height_m = (top.size_m[2] + base.size_m[2]) / 2
    episode.put(top.name, episode.state.position(base.name) + [0.0, 0.0, height_m + off_m])
    assert episode.verdicts() == (done, done)


@pytest.mark.parametrize(("inwards_m", "done"), [(0.007, True), (0.005, False)])
def test_a_thing_is_in_the_basket_six_millimetres_inside_its_walls(inwards_m, done):
    episode = Episode("put_toy_into_basket")
    basket, toy = episode.scene.objects[:2]
    middle = episode.state.position(basket.name)
    episode.put(basket.name, middle)  # Not turned any more.
    episode.put(toy.name, middle + [basket.size_m[0] / 2 - inwards_m, 0.0, 0.0])
    assert episode.verdicts() == (done, done)


@pytest.mark.parametrize(("above_m", "done"), [(0.005, True), (0.007, False)])
def test_a_row_lies_within_six_millimetres_of_the_table(above_m, done):
    episode = Episode("rank_cubes")
    for name, y in zip(episode.task._order, (-0.08, 0.0, 0.08), strict=True):
        episode.put(name, (0.6, y, episode.scene.object(name).size_m[2] / 2 + above_m))
    assert episode.verdicts() == (done, done)


@pytest.mark.parametrize(("aside_share", "done"), [(0.9, True), (1.1, False)])
def test_a_cup_is_nested_where_its_foot_has_room(aside_share, done):
    episode = Episode("stack_cups")
    large, middle, small = episode.scene.objects
    foot = episode.state.position(large.name) - [0.0, 0.0, large.size_m[2] / 2]
    room_m = large.size_m[0] / 2 - 0.004 - 0.8 * middle.size_m[0] / 2
    at = foot + [aside_share * room_m, 0.0, middle.size_m[2] / 2 + 0.005]
    episode.put(middle.name, at)
    episode.put(small.name, [*at[:2], foot[2] + small.size_m[2] / 2 + 0.010])
    assert episode.verdicts() == (done, done)


@pytest.mark.parametrize(("opening_m", "done"), [(0.081, True), (0.079, False)])
def test_a_drawer_is_open_from_eight_centimetres_on(opening_m, done):
    episode = Episode("open_drawer")
    episode.data.joint("drawer").qpos[0] = opening_m
    assert episode.verdicts() == (done, done)


def test_what_the_fingers_still_hold_is_not_put_down_for_the_evaluation():
    episode = Episode("stack_cubes")
    top, base = episode.scene.objects[:2]
    in_hand = episode.state.ee_pose[:3]
    half = (top.size_m[2] + base.size_m[2]) / 2
    episode.world.set_gripper_width(episode.data, top.size_m[0] - 0.001)
    episode.put(top.name, in_hand)
    episode.put(base.name, in_hand - np.array([0.0, 0.0, half]))
    assert not episode.state.released(top.name)
    assert not episode.task.succeeded(episode.state)
