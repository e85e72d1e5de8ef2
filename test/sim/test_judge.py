"""The verdict on a task, from the objects' true poses."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.language import read_instruction
from bridge_ros.sim.judge import judge
from bridge_ros.sim.registry import make_scene, scene_for

OBJECTS = make_scene("tabletop", 2).objects


@pytest.fixture
def before():
    return {thing.name: thing.pose.copy() for thing in OBJECTS}


def after_moving(before, name, to, turn=None):
    after = {key: pose.copy() for key, pose in before.items()}
    after[name][:3] = to
    if turn is not None:
        after[name][3:] = turn.as_quat()
    return after


def verdict(sentence, before, after):
    return judge(read_instruction(sentence), before, after, OBJECTS)


def height(name):
    return next(thing.size_m[2] for thing in OBJECTS if thing.name == name)


@pytest.mark.parametrize(
    ("rise_m", "success"), [(0.2, True), (0.051, True), (0.04, False), (0.0, False)]
)
def test_picked_means_five_centimetres_up(before, rise_m, success):
    after = after_moving(before, "red cube", before["red cube"][:3] + [0.02, 0.0, rise_m])
    assert verdict("pick up the red cube", before, after).success is success


def test_lifting_another_cube_does_not_count(before):
    after = after_moving(before, "blue cube", before["blue cube"][:3] + [0.0, 0.0, 0.2])
    result = verdict("pick up the red cube", before, after)
    assert not result.success
    assert "red cube is 0.0 cm above" in result.message


def test_in_means_within_the_walls_and_below_the_rim(before):
    basket = before["basket"]
    for offset, success in [
        ([0.0, 0.0, -0.005], True),
        ([0.04, -0.05, 0.0], True),
        ([0.0, 0.0, 0.06], False),
        ([0.15, 0.0, 0.0], False),
    ]:
        at = basket[:3] + Rotation.from_quat(basket[3:]).apply(offset)
        after = after_moving(before, "toy", at)
        assert verdict("put the toy into the basket", before, after).success is success


def test_in_follows_a_basket_that_was_pushed(before):
    after = after_moving(before, "basket", before["basket"][:3] + [0.05, 0.0, 0.0])
    after["toy"][:3] = after["basket"][:3]
    assert verdict("put the toy into the basket", before, after).success


def test_on_means_above_and_at_the_height_of_lying_there(before):
    green = before["green cube"][:3]
    top = (height("green cube") + height("blue cube")) / 2
    sentence = "stack the blue cube on the green cube"
    for offset, success in [
        ([0.0, 0.0, top], True),
        ([0.015, 0.0, top], True),
        ([0.03, 0.0, top], False),
        ([0.0, 0.0, top + 0.05], False),
        ([0.0, 0.0, 0.0], False),
    ]:
        after = after_moving(before, "blue cube", green + offset)
        assert verdict(sentence, before, after).success is success


def test_next_to_means_near_and_on_the_table(before):
    green, z = before["green cube"], height("yellow cube") / 2
    sentence = "place the yellow cube next to the green one"
    for dx, dz, success in [(0.08, 0.0, True), (0.20, 0.0, False), (0.08, 0.08, False)]:
        after = after_moving(before, "yellow cube", [green[0] + dx, green[1], z + dz])
        assert verdict(sentence, before, after).success is success


def test_next_to_reaches_out_to_the_corners_of_what_is_large(before):
    basket, z = before["basket"], height("yellow cube") / 2
    for distance_m, success in [(0.18, True), (0.25, False)]:
        after = after_moving(before, "yellow cube", [basket[0] + distance_m, basket[1], z])
        assert verdict("put the yellow cube next to the basket", before, after).success is success


def test_a_tilted_object_lies_where_its_tilt_puts_it(before):
    """A cube on its side still stands on the table: its height is measured along the vertical."""
    green, z = before["green cube"], height("yellow cube") / 2
    turn = Rotation.from_euler("x", 90, degrees=True)
    after = after_moving(before, "yellow cube", [green[0] + 0.08, green[1], z], turn)
    assert verdict("place the yellow cube next to the green cube", before, after).success


@pytest.mark.parametrize(
    "sentence", ["pick up the cup", "pick up the cube", "put the toy on the toy"]
)
def test_what_is_not_one_object_of_the_scene_is_no_success(before, sentence):
    after = {name: pose + [0, 0, 1, 0, 0, 0, 0] for name, pose in before.items()}
    result = verdict(sentence, before, after)
    assert not result.success
    assert "no single object" in result.message


def test_sizes_choose_among_cubes(before):
    cubes = [thing for thing in OBJECTS if thing.shape == "cube"]
    largest = max(cubes, key=lambda cube: cube.size_m[0])
    after = after_moving(before, largest.name, before[largest.name][:3] + np.array([0, 0, 0.1]))
    assert verdict("pick up the largest cube", before, after).success
    assert not verdict("pick up the smallest cube", before, after).success


def test_cups_are_stacked_when_each_stands_in_the_next_larger_one():
    objects = make_scene("stack_cups", 1000).objects
    before = {thing.name: thing.pose.copy() for thing in objects}
    order = sorted(objects, key=lambda thing: -np.prod(thing.size_m))
    after = {name: pose.copy() for name, pose in before.items()}
    foot = 0.0
    for cup in order:
        after[cup.name][:3] = [*before[order[0].name][:2], foot + cup.size_m[2] / 2]
        foot += 0.006
    stacking = read_instruction("stack the cups")
    assert judge(stacking, before, after, objects).success
    assert not judge(stacking, before, before, objects).success
    after[order[-1].name][0] += 0.10
    assert "aside" in judge(stacking, before, after, objects).message
    assert not judge(stacking, before, after, objects).success


def test_cubes_are_ranked_when_they_lie_in_that_order_from_left_to_right():
    objects = make_scene("rank_cubes", 1000).objects
    before = {thing.name: thing.pose.copy() for thing in objects}
    order = sorted(objects, key=lambda thing: thing.size_m[0])
    after = {name: pose.copy() for name, pose in before.items()}
    for number, cube in enumerate(order):
        after[cube.name][:3] = [0.5, 0.1 * number - 0.1, cube.size_m[2] / 2]
    rising = read_instruction("rank the cubes from small to large, from left to right")
    falling = read_instruction("rank the cubes from large to small, from left to right")
    assert judge(rising, before, after, objects).success
    assert not judge(falling, before, after, objects).success
    after[order[1].name][2] += 0.05
    assert not judge(rising, before, after, objects).success


def test_a_drawer_is_open_when_its_handle_was_drawn_out():
    scene = make_scene("open_drawer", 1000)
    (cabinet,) = scene.furniture
    before = {thing.name: thing.pose for thing in scene.objects}
    poses = [before | {cabinet.name: cabinet.handle_pose(opening)} for opening in (0.0, 0.09, 0.05)]
    instruction = read_instruction("open the drawer")
    assert judge(instruction, poses[0], poses[1], scene.objects).success
    assert not judge(instruction, poses[0], poses[2], scene.objects).success


@pytest.mark.parametrize(
    ("sentence", "scene"),
    [
        ("pick up the red cube", "tabletop"),
        ("stack the cups", "stack_cups"),
        ("open the drawer", "open_drawer"),
        ("rank the cubes from small to large, from left to right", "rank_cubes"),
        ("juggle", "tabletop"),
    ],
)
def test_a_sentence_has_a_scene_that_it_fits(sentence, scene):
    assert scene_for(sentence) == scene
