import numpy as np
import pytest

from bridge_ros.geometry.poses import rotation_between
from bridge_ros.sim.arm_placing import place_arm
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World

DOWN = [1.0, 0.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def world():
    return World(make_scene("tabletop", 0))


def test_the_arm_is_put_where_it_is_wanted_within_its_limits(world):
    data = world.new_data()
    wanted = np.array([0.5, -0.2, 0.15, *DOWN])
    assert place_arm(world, data, wanted)
    pose = world.ee_pose(data)
    assert np.linalg.norm(pose[:3] - wanted[:3]) < 1e-3
    assert rotation_between(pose, wanted) < 1e-2
    low, high = world.model.jnt_range[world.model.dof_jntid[world.arm_dofs]].T
    assert ((low <= data.qpos[world.arm_qpos]) & (data.qpos[world.arm_qpos] <= high)).all()


def test_what_is_out_of_reach_is_told(world):
    assert not place_arm(world, world.new_data(), np.array([1.5, 0.0, 0.3, *DOWN]))
