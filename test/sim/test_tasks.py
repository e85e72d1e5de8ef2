import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.plan import GripperAction
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.registry import EPISODES, make_task
from bridge_ros.sim.tasks import TASKS
from bridge_ros.sim.tasks.keypoints import FINGERTIP_M
from bridge_ros.sim.world import World
from bridge_ros.trajectory import Workspace

SEEDS = range(1000, 1030)
SEED = 1000


class Scene:
    """An episode whose things can be moved by hand."""

    def __init__(self, name, seed=SEED):
        import mujoco

        self.task = make_task(name, seed)
        self.world = World(self.task.scene)
        self.data = self.world.new_data()
        self._forward = lambda: mujoco.mj_forward(self.world.model, self.data)
        self.state = PrivilegedState(self.world, self.data)

    def put(self, name, position, yaw=0.0):
        self.data.joint(name).qpos[:] = [*position, np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]
        self._forward()

    def half(self, name):
        return self.task.scene.object(name).size_m[2] / 2

    @property
    def names(self):
        return [thing.name for thing in self.task.scene.objects]

    @property
    def succeeded(self):
        return self.task.succeeded(self.state)


@pytest.mark.parametrize("name", EPISODES)
def test_an_episode_follows_from_its_seed(name):
    first, again, other = make_task(name, SEED), make_task(name, SEED), make_task(name, SEED + 1)
    assert first.instruction == again.instruction
    assert np.array_equal(first.optical_pose, again.optical_pose)
    assert [thing.to_mjcf().attrib for thing in first.scene.objects] == [
        thing.to_mjcf().attrib for thing in again.scene.objects
    ]
    assert not np.array_equal(first.optical_pose, other.optical_pose)


@pytest.mark.parametrize("name", TASKS)
def test_sentences_sizes_and_lights_vary(name):
    tasks = [make_task(name, seed) for seed in SEEDS]
    assert len({task.instruction for task in tasks}) >= 4
    assert len({task.scene.lighting for task in tasks}) == len(tasks)
    things = [thing for task in tasks for thing in (*task.scene.objects, *task.scene.furniture)]
    assert len({thing.size_m for thing in things}) >= len(tasks)


@pytest.mark.parametrize("name", EPISODES)
def test_nothing_is_done_before_it_begins(name):
    assert not Scene(name).succeeded


@pytest.mark.parametrize("name", EPISODES)
@pytest.mark.parametrize("seed", [1000, 1001])
def test_the_first_keypoint_closes_the_gripper_within_the_workspace(name, seed):
    scene = Scene(name, seed)
    plan = scene.task.next_stage(scene.state)
    assert plan.gripper_action is GripperAction.CLOSE
    assert not plan.final
    assert np.allclose(plan.waypoints[-1], plan.target_pose[:3])
    for point in plan.waypoints:
        Workspace().check(point, name=plan.subgoal)


def test_unseen_episodes_share_neither_sizes_nor_toys_nor_viewpoints_with_seen_ones():
    def edges(name):
        scenes = [make_task(name, seed).scene for seed in SEEDS]
        return np.array([thing.size_m[0] for scene in scenes for thing in scene.objects])

    seen, unseen = edges("stack_cubes"), edges("stack_cubes_unseen")
    assert not ((unseen > seen.min()) & (unseen < seen.max())).any()
    toys = [
        {make_task(name, seed).scene.objects[0].shape for seed in SEEDS}
        for name in ("pick_up_toy", "pick_up_toy_unseen")
    ]
    assert not toys[0] & toys[1]
    sides = [
        [abs(make_task(name, seed).optical_pose[1]) for seed in SEEDS]
        for name in ("stack_cups", "stack_cups_unseen")
    ]
    assert max(sides[0]) < min(sides[1])


def test_an_unknown_task_is_named():
    with pytest.raises(ConfigError, match="expected one of .* got 'juggle'"):
        make_task("juggle", 0)


def test_an_open_drawer_counts_once_it_is_open_far_enough():
    scene = Scene("open_drawer")
    scene.data.joint("drawer").qpos[0] = 0.07
    assert not scene.succeeded
    scene.data.joint("drawer").qpos[0] = 0.09
    assert scene.succeeded


def test_a_cube_counts_as_stacked_only_on_top_and_over_the_other():
    scene = Scene("stack_cubes")
    top, base = scene.names[:2]
    height = scene.half(top) + scene.half(base)
    on_top = scene.state.position(base) + [0.0, 0.0, height]
    scene.put(top, on_top)
    assert scene.succeeded
    scene.put(top, on_top + [1.1 * scene.half(base), 0.0, 0.0])
    assert not scene.succeeded
    scene.put(top, on_top + [0.0, 0.0, 0.02])
    assert not scene.succeeded


def test_a_toy_counts_as_in_the_basket_only_below_its_rim():
    scene = Scene("put_toy_into_basket")
    basket, toy = scene.names[:2]
    middle = scene.state.position(basket)
    scene.put(toy, middle)
    assert scene.succeeded
    scene.put(toy, middle + [0.0, 0.0, 0.1])
    assert not scene.succeeded
    scene.put(toy, middle + [0.12, 0.0, 0.0])
    assert not scene.succeeded


def by_size(smallest_first):
    """The first seed whose sentence asks for that order."""
    wanted = "small to large" if smallest_first else "large to small"
    return next(s for s in range(1000, 1100) if wanted in make_task("rank_cubes", s).instruction)


@pytest.mark.parametrize("smallest_first", [True, False])
def test_ranked_means_in_the_order_of_the_sentence_as_the_camera_sees_it(smallest_first):
    scene = Scene("rank_cubes", by_size(smallest_first))
    names = sorted(scene.names, key=scene.half, reverse=not smallest_first)
    # The camera faces the robot: its left is base -y.
    places = [(0.6, y) for y in (-0.08, 0.0, 0.08)]
    for name, place in zip(names, places, strict=True):
        scene.put(name, (*place, scene.half(name)))
    assert scene.succeeded
    for name, place in zip(names[::-1], places, strict=True):
        scene.put(name, (*place, scene.half(name)))
    assert not scene.succeeded


def test_a_row_must_be_straight_and_on_the_table():
    scene = Scene("rank_cubes", by_size(True))
    names = sorted(scene.names, key=scene.half)
    for name, y in zip(names, (-0.08, 0.0, 0.08), strict=True):
        scene.put(name, (0.6, y, scene.half(name)))
    scene.put(names[1], (0.53, 0.0, scene.half(names[1])))
    assert not scene.succeeded
    scene.put(names[1], (0.6, 0.0, scene.half(names[1]) + 0.03))
    assert not scene.succeeded


def test_cups_count_as_stacked_only_when_every_one_is_nested():
    scene = Scene("stack_cups")
    large, middle, small = scene.names
    foot = scene.state.position(large) - [0.0, 0.0, scene.half(large)]
    scene.put(middle, foot + [0.0, 0.0, scene.half(middle) + 0.005])
    assert not scene.succeeded
    scene.put(small, foot + [0.0, 0.0, scene.half(small) + 0.010])
    assert scene.succeeded
    scene.put(small, foot + [0.0, 0.0, scene.half(small) + 0.08])
    assert not scene.succeeded


def test_after_a_cube_has_fallen_the_oracle_grasps_it_again():
    scene = Scene("stack_cubes")
    top, base = scene.names[:2]
    on_top = scene.state.position(base) + [0.0, 0.0, scene.half(top) + scene.half(base)]
    scene.put(top, on_top)
    assert scene.task.next_stage(scene.state).subgoal == "retreat"
    scene.put(top, [0.5, 0.2, scene.half(top)])
    assert scene.task.next_stage(scene.state).subgoal == f"grasp the {top}"


def test_the_drawer_s_handle_is_taken_across_the_bar():
    scene = Scene("open_drawer")
    plan = scene.task.next_stage(scene.state)
    cabinet = scene.task.scene.furniture[0]
    import bridge_ros.geometry.poses as poses

    opening = poses.matrix_from_pose(plan.target_pose)[:3, 1]
    axis = poses.matrix_from_pose(cabinet.pose)[:3, 0]
    assert abs(opening @ axis) == pytest.approx(1.0, abs=1e-6)


def below_hand(scene, name, lower_m):
    """Put an object under the tool centre point, by so much."""
    x, y, z = scene.state.ee_pose[:3]
    scene.put(name, (x, y, z - lower_m))


def test_what_is_between_the_pads_is_held():
    scene = Scene("stack_cubes")
    cube = scene.names[0]
    scene.world.set_gripper_width(scene.data, 2 * scene.half(cube) - 0.001)
    below_hand(scene, cube, 0.0)
    assert scene.state.held == cube


def test_what_closed_fingers_only_stand_on_is_not_held():
    scene = Scene("stack_cubes")
    cube = scene.names[0]
    scene.world.set_gripper_width(scene.data, 0.0)
    below_hand(scene, cube, scene.half(cube) + FINGERTIP_M - 0.001)
    assert scene.state.fingers_touching(cube) == 2
    assert scene.state.held is None


def test_a_row_goes_on_from_where_the_last_cube_really_lies():
    scene = Scene("rank_cubes", by_size(True))
    first, second, third = sorted(scene.names, key=scene.half)
    planned = scene.task.next_stage(scene.state)
    assert planned.subgoal == f"grasp the {first}"
    slot = np.array([scene.task._row_x, scene.task._row_y - 0.085])
    off = np.array([0.02, 0.03])
    scene.put(first, (*(slot + off), scene.half(first)))
    assert scene.task.next_stage(scene.state).subgoal == f"grasp the {second}"
    scene.put(second, (*(slot + off + [0.0, 0.085]), scene.half(second)))
    assert scene.task.next_stage(scene.state).subgoal == f"grasp the {third}"
    scene.put(second, (*(slot + off + [0.04, 0.085]), scene.half(second)))
    assert scene.task.next_stage(scene.state).subgoal == f"grasp the {second}"
