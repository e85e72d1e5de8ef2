import numpy as np
import pytest
from scipy.spatial import cKDTree

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.perception.cloud import CloudSettings
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.stepped.camera import SteppedCamera
from bridge_ros.sim.stepped.simulation import SteppedSettings, SteppedSimulation
from bridge_ros.sim.tasks.keypoints import FINGERTIP_M
from bridge_ros.sim.world import World
from bridge_ros.status import ControllerReason

SEED = 1000


@pytest.fixture
def simulation():
    return SteppedSimulation(World(make_scene("pick_up_toy", SEED)))


def follow(simulation, pose, width, steps):
    for _ in range(steps):
        simulation.command(pose, width)
        simulation.advance(0.05)


def test_the_arm_goes_where_it_is_sent(simulation):
    target = np.array(simulation.arm.ee_pose)
    for _ in range(20):
        target[:3] += [0.004, 0.003, -0.002]
        follow(simulation, target, 0.1, 1)
    follow(simulation, target, 0.1, 10)
    assert np.linalg.norm(simulation.arm.ee_pose[:3] - target[:3]) < 0.003
    assert rotation_between(simulation.arm.ee_pose, target) < 0.01
    assert simulation.controller.refused == {}


def test_the_fingers_go_to_the_width_they_are_told(simulation):
    follow(simulation, simulation.arm.ee_pose, 0.04, 30)
    assert simulation.arm.gripper_width == pytest.approx(0.04, abs=0.002)


def test_the_safety_contract_applies_a_jump_is_refused_and_the_arm_stays(simulation):
    start = simulation.arm.ee_pose
    follow(simulation, start + [0.2, 0, 0, 0, 0, 0, 0], 0.1, 4)
    assert simulation.controller.refused == {"step": 4}
    assert np.linalg.norm(simulation.arm.ee_pose[:3] - start[:3]) < 0.002


def test_silence_ends_in_a_hold(simulation):
    pose = simulation.arm.ee_pose
    follow(simulation, pose, 0.1, 4)
    assert simulation.controller.state.value == "active"
    simulation.advance(0.3)
    assert simulation.controller.state.value == "hold"


def test_time_is_simulated_and_every_run_the_same():
    runs = []
    for _ in range(2):
        simulation = SteppedSimulation(World(make_scene("stack_cups", SEED)))
        follow(simulation, simulation.arm.ee_pose, 0.02, 6)
        runs.append(simulation.data.qpos.copy())
        assert simulation.time_s == pytest.approx(0.3)
    assert np.array_equal(*runs)


def test_impossible_rates_are_refused():
    with pytest.raises(ConfigError, match="at least one physics step"):
        SteppedSettings(stream_period_s=0.001, physics_step_s=0.01)


def test_a_binned_camera_sees_the_same_points():
    clouds = []
    for binning in (1, 2):
        settings = SteppedSettings(camera_binning=binning, depth_noise=False, camera_latency_s=0.0)
        simulation = SteppedSimulation(World(make_scene("stack_cubes", SEED)), settings)
        camera = SteppedCamera(simulation, settings, CloudSettings(), seed=0)
        [(_, source)] = camera.arrivals()
        clouds.append(source())
        camera.close()
    full, binned = clouds
    assert len(binned) == pytest.approx(len(full), rel=0.02)
    assert np.median(cKDTree(full).query(binned)[0]) < 0.002


@pytest.mark.parametrize(("deep_m", "state"), [(0.008, "active"), (0.05, "fault")])
def test_an_arm_that_presses_too_hard_stops_by_its_reflex(deep_m, state):
    simulation = SteppedSimulation(World(make_scene("open_drawer", SEED)))
    cabinet = simulation.world.scene.furniture[0]
    target = np.array(simulation.arm.ee_pose)
    top = np.array([*cabinet.pose[:2], cabinet.size_m[2] + FINGERTIP_M])
    for goal in (top + [0, 0, 0.03], top - [0, 0, deep_m]):
        while np.linalg.norm(goal - target[:3]) > 1e-6:
            step = goal - target[:3]
            target[:3] += step * min(1.0, 0.008 / np.linalg.norm(step))
            follow(simulation, target, 0.0, 1)
    follow(simulation, target, 0.0, 10)
    assert simulation.controller.state.value == state, simulation.controller.cause
    if state == "fault":
        assert simulation.controller.cause.reason is ControllerReason.ARM_ERROR
        assert "reflex" in simulation.controller.cause.message
        stopped = simulation.arm.ee_pose
        follow(simulation, target, 0.0, 10)
        assert np.linalg.norm(simulation.arm.ee_pose[:3] - stopped[:3]) < 0.01
