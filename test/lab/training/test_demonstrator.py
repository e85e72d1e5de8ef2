"""The demonstrations: back to the path, at the same pace however often they are planned anew."""

import pytest
import torch
from torch.testing import assert_close

from bridge_ros.errors import ConfigError
from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec, rotvec_from_matrix
from bridge_ros.lab.training.demonstrator import DemonstratorSettings, demonstrate

PERIOD = 0.05
LAW = DemonstratorSettings()


def straight(offset, turn=(0.0, 0.0, 0.0), speed_m_s=0.2, steps=16):
    """A path along x, and a hand that is `offset` [m] and `turn` [rad] off it."""
    now = Poses(torch.zeros(1, 3), torch.eye(3)[None])
    ahead = torch.zeros(1, steps, 3)
    ahead[0, :, 0] = speed_m_s * PERIOD * torch.arange(1, steps + 1)
    path = Poses(ahead, torch.eye(3).expand(1, steps, 3, 3))
    velocity = Poses(torch.tensor([[speed_m_s, 0.0, 0.0]]), torch.eye(3)[None])
    ee = Poses(torch.tensor([offset]), matrix_from_rotvec(torch.tensor([turn])))
    targets = demonstrate(ee, now, path, velocity, PERIOD, LAW)
    return path, targets, targets.positions - path.positions


def test_a_hand_on_its_path_or_lagging_on_it_is_led_along_the_path():
    for offset in ([0.0, 0.0, 0.0], [-0.02, 0.0, 0.0], [-0.03, 0.0, 0.0]):
        path, targets, left = straight(offset)
        assert left.norm(dim=-1).max() < 1e-4
        assert_close(targets.rotations, path.rotations)


def test_a_small_tracking_error_is_left_to_the_controller():
    assert straight([0.0, 0.003, 0.0])[2].norm(dim=-1).max() < 0.0004


@pytest.mark.parametrize("offset_m", [0.02, 0.05, 0.12])
def test_a_hand_off_its_path_returns_without_haste_and_without_overshoot(offset_m):
    left = straight([0.0, offset_m, 0.0])[2][0, :, 1]
    assert (left.diff() < 0).all()
    assert (left > 0).all()
    assert left.diff().abs().max() <= LAW.speed_m_s * PERIOD * 1.001
    assert left[-1] < 0.15 * offset_m


def test_an_orientation_off_its_path_returns_too():
    targets = straight([0.0, 0.0, 0.0], (0.0, 0.4, 0.0))[1]
    angles = rotvec_from_matrix(targets.rotations).norm(dim=-1)[0]
    assert (angles.diff() < 0).all()
    assert angles.diff().abs().max() <= LAW.speed_rad_s * PERIOD * 1.001
    assert angles[-1] < 0.05


def test_planning_anew_on_the_way_gives_the_same_motion():
    """Pins that the law has no memory: replanning must not slow the return down."""
    planned = straight([0.0, 0.10, 0.0])[2][0, :, 1]
    anew = straight([0.0, float(planned[5]), 0.0])[2][0, :, 1]
    assert_close(anew[:8], planned[6:14], atol=0.002, rtol=0)


def test_settings_say_what_was_expected():
    with pytest.raises(ConfigError, match="lag_s: expected a positive number"):
        DemonstratorSettings(lag_s=0.0)
