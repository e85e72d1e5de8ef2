"""The scenes, and the cell that they stand in."""

import copy

import mujoco
import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import matrix_from_pose
from bridge_ros.hardware.gripper_model import UMI_GRIPPER_FILE, GripperModel
from bridge_ros.settings.resources import resource_path
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.scenes.placement import Region, strew
from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE
from bridge_ros.sim.world import HOME_JOINTS, World

SEEDS = range(30)


@pytest.fixture(scope="module")
def world():
    return World(make_scene("tabletop", 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tabletop_has_the_things_that_sentences_speak_of(seed):
    names = [thing.name for thing in make_scene("tabletop", seed).objects]
    assert {"red cube", "green cube", "blue cube", "toy", "basket"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_stands_on_the_table_within_reach_and_apart(seed):
    objects = make_scene("tabletop", seed).objects
    for thing in objects:
        x, y, z = thing.pose[:3]
        assert 0.30 <= x <= 0.70 and abs(y) <= 0.30
        assert z == pytest.approx(thing.size_m[2] / 2)
    for i, one in enumerate(objects):
        for other in objects[:i]:
            room = 0.19 if "basket" in (one.name, other.name) else 0.11
            assert np.linalg.norm(one.pose[:2] - other.pose[:2]) > room


def test_a_scene_follows_from_its_name_and_seed_alone():
    one, same, other = (make_scene("tabletop", seed) for seed in (4, 4, 5))
    for left, right in zip(one.objects, same.objects, strict=True):
        assert left.name == right.name and left.size_m == right.size_m
        np.testing.assert_array_equal(left.pose, right.pose)
    assert one.lighting == same.lighting
    assert not np.array_equal(one.objects[0].pose, other.objects[0].pose)


def test_an_unknown_scene_is_refused_with_the_names_that_exist():
    with pytest.raises(ConfigError, match="tabletop"):
        make_scene("kitchen", 0)
    with pytest.raises(ConfigError, match="from 0"):
        make_scene("tabletop", -1)


def test_too_small_a_region_is_refused_instead_of_overlapping():
    tiny = Region(x_min=0.0, x_max=0.01, y_min=0.0, y_max=0.01)
    with pytest.raises(ConfigError, match="room for 2 objects"):
        strew(np.random.default_rng(0), [tiny, tiny], [0.1, 0.1])


def test_home_points_the_gripper_down_with_its_fingers_opening_along_y(world):
    """The `ee` convention, through franky-sim's own kinematics and F_T_NE."""
    tcp = world.make_simulator().robot.kinematics(np.array(HOME_JOINTS))
    np.testing.assert_allclose(tcp.translation, [0.35, 0.0, 0.45], atol=1e-3)
    np.testing.assert_allclose(tcp.rotation @ [0, 0, 1], [0, 0, -1], atol=1e-3)
    data = world.new_data()
    fingers = [data.body(f"robot0_{side}_finger").xpos for side in ("left", "right")]
    opening = (fingers[0] - fingers[1]) / np.linalg.norm(fingers[0] - fingers[1])
    np.testing.assert_allclose(tcp.rotation @ [0, 1, 0], opening, atol=1e-3)


def test_the_tool_centre_point_lies_between_the_pads_near_their_tips(world):
    data = world.new_data()
    tcp = world.make_simulator().robot.kinematics(np.array(HOME_JOINTS)).translation
    pads = [data.geom(f"robot0_{side}_pad") for side in ("left", "right")]
    np.testing.assert_allclose((pads[0].xpos + pads[1].xpos)[:2] / 2, tcp[:2], atol=1e-3)
    tip_z = pads[0].xpos[2] - world.model.geom("robot0_left_pad").size[2]
    assert 0.0 < tcp[2] - tip_z < 0.015


@pytest.mark.parametrize("width_m", [0.0, 0.045, 0.110])
def test_the_gripper_opens_to_the_width_it_is_set_to(world, width_m):
    data = world.new_data()
    world.set_gripper_width(data, width_m)
    mujoco.mj_forward(world.model, data)
    left, right = (data.geom(f"robot0_{side}_pad") for side in ("left", "right"))
    thickness = 2 * world.model.geom("robot0_left_pad").size[1]
    assert np.linalg.norm(left.xpos - right.xpos) - thickness == pytest.approx(width_m, abs=1e-6)


def test_the_gripper_s_yaml_tells_what_its_body_weighs():
    """Mass, centre of mass and inertia of the MJCF, fingers half open, in the flange's axes."""
    model = mujoco.MjModel.from_xml_path(str(resource_path(UMI_GRIPPER_FILE.with_suffix(".xml"))))
    data = mujoco.MjData(model)
    data.qpos[:] = 0.0275
    mujoco.mj_forward(model, data)
    masses = model.body_mass[1:]
    center = masses @ data.xipos[1:] / masses.sum()
    inertia = np.zeros((3, 3))
    for body in range(1, model.nbody):
        axes = data.ximat[body].reshape(3, 3)
        arm = data.xipos[body] - center
        inertia += axes @ np.diag(model.body_inertia[body]) @ axes.T
        inertia += model.body_mass[body] * (arm @ arm * np.eye(3) - np.outer(arm, arm))
    flange = Rotation.from_euler("z", -45, degrees=True).as_matrix()
    gripper = GripperModel.load()
    assert gripper.mass_kg == pytest.approx(masses.sum(), abs=1e-3)
    np.testing.assert_allclose(gripper.center_of_mass_m, flange @ center, atol=5e-4)
    np.testing.assert_allclose(gripper.inertia_kg_m2, flange @ inertia @ flange.T, atol=3e-5)
    assert gripper.stroke_m == pytest.approx(2 * model.jnt_range[0, 1])


def test_a_gripper_file_with_a_missing_figure_is_refused(tmp_path):
    text = resource_path(UMI_GRIPPER_FILE).read_text()
    broken = tmp_path / "gripper.yaml"
    broken.write_text(text.replace("mass_kg:", "weight:"))
    with pytest.raises(ConfigError, match="mass_kg"):
        GripperModel.load(broken)


def test_the_calibration_file_says_where_the_rendered_camera_is(world):
    document = yaml.safe_load(resource_path("config/extrinsics/sim.yaml").read_text())
    entry = document["base_from_optical"]
    pose = [*entry["position_m"], *entry["quaternion_xyzw"]]
    np.testing.assert_allclose(
        matrix_from_pose(pose), matrix_from_pose(CAMERA_OPTICAL_POSE), atol=1e-6
    )
    camera = world.new_data().cam("d435")
    np.testing.assert_allclose(camera.xpos, pose[:3], atol=1e-9)
    looking = -camera.xmat.reshape(3, 3)[:, 2]
    np.testing.assert_allclose(looking, matrix_from_pose(pose)[:3, 2], atol=1e-6)


def test_two_worlds_of_one_seed_are_the_same_model(world):
    """The camera renders its own copy from the state alone."""
    again = World(make_scene("tabletop", 2))
    np.testing.assert_array_equal(again.new_data().qpos, world.new_data().qpos)
    assert again.make_simulator().to_xml() == world.make_simulator().to_xml()


def test_object_poses_are_read_from_the_state(world):
    data = copy.copy(world.new_data())
    data.joint("toy").qpos[:3] = [0.5, 0.1, 0.3]
    np.testing.assert_allclose(world.object_pose(data, "toy")[:3], [0.5, 0.1, 0.3])
    assert set(world.object_poses(data)) == {thing.name for thing in world.scene.objects}
    with pytest.raises(ConfigError, match="red cube"):
        world.object_pose(data, "teapot")
