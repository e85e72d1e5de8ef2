"""A small expert with random weights, and observations for it."""

import dataclasses

import numpy as np
import pytest
import torch

from bridge_ros.expert import ActionExpert, ExpertConfig, Observation
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.trajectory import PoseTrajectory

START = np.array([0.40, 0.0, 0.30, 1.0, 0.0, 0.0, 0.0])
TARGET = np.array([0.50, 0.10, 0.05, 1.0, 0.0, 0.0, 0.0])


def random_network(seed=0, **changes):
    """A small network whose answers are neither zero nor large."""
    small = {"hidden_size": 64, "block_count": 2, "grid_channels": (8, 16, 8), "point_count": 128}
    config = ExpertConfig(**(small | {"inference_steps": 2} | changes))
    torch.manual_seed(seed)
    network = ActionExpertNetwork(config)
    with torch.no_grad():
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(0.0, 0.02)
    return network.eval()


@pytest.fixture
def network():
    return random_network()


@pytest.fixture
def expert(network):
    return ActionExpert(network)


@pytest.fixture
def seeing():
    return ActionExpert(random_network(sees_points=True))


@pytest.fixture(scope="session")
def trajectory():
    waypoints = [[0.50, 0.10, 0.18], TARGET[:3]]
    return PoseTrajectory.fit(
        START, waypoints, TARGET, start_width=0.05, approach_width=0.08, end_width=0.0
    )


@pytest.fixture
def observation(trajectory):
    """In the middle of the trajectory, a little off it, with a cloud around its end."""
    poses, widths = trajectory.guidance(1.0, 49, 0.05)
    rng = np.random.default_rng(0)
    return Observation(
        ee_pose=poses[0] + [0.004, -0.003, 0.002, 0, 0, 0, 0],
        joint_positions=None,
        gripper_width=0.08,
        guidance_poses=poses,
        guidance_widths=widths,
        points=(poses[-1, :3] + rng.uniform(-0.1, 0.1, (3000, 3))).astype(np.float32),
    )


@pytest.fixture
def changed(observation):
    """The same observation with other fields."""
    return lambda **fields: dataclasses.replace(observation, **fields)
