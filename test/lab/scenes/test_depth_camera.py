"""The training camera sees what a depth camera sees: the near side, with its errors."""

import pytest
import torch

from bridge_ros.errors import ConfigError
from bridge_ros.lab.scenes.depth_camera import CameraBatch, DepthCameraRanges, look, place_cameras
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import BOX, ELLIPSOID, Solids

SETTINGS = DepthCameraRanges(rays=64)
DEVICE = torch.device("cpu")


def camera(noise=0.0, **changes):
    """One metre above the origin, looking down; x to the right, y down in the image."""
    axes = torch.tensor([[[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]])
    zero = torch.zeros(1)
    view = CameraBatch(
        torch.tensor([[0.0, 0.0, 1.0]]), axes, torch.tensor([615.0]), zero + noise, *[zero] * 3
    )
    return view._replace(**changes)


def nothing():
    return Solids.empty(1, 1, DEVICE)


def table():
    solids = nothing()
    solids.set(0, BOX, (1.0, 1.0, 0.01), (0.0, 0.0, -0.01))
    return solids


def ball(height=0.05):
    solids = nothing()
    solids.set(0, ELLIPSOID, (0.03, 0.03, 0.03), (0.0, 0.0, height))
    return solids


def seen(view, scene, robot=None, settings=SETTINGS):
    draw = RandomDraws(1, torch.Generator().manual_seed(0))
    sight = look(view, scene, robot or nothing(), torch.zeros(1, 3), 0.12, settings, draw)
    return sight.points[0][sight.known[0]], sight.robot[0][sight.known[0]]


def test_only_the_side_that_faces_the_camera_is_seen():
    points, _ = seen(camera(), Solids.union(table(), ball()))
    on_ball = points[points[:, 2] > 0.01]
    assert len(on_ball) > 100
    assert float(on_ball[:, 2].min()) > 0.045
    off = (on_ball - torch.tensor([0.0, 0.0, 0.05])).norm(dim=1) - 0.03
    assert float(off.abs().max()) < 0.002


def test_the_ball_hides_the_table_behind_it():
    points, _ = seen(camera(), Solids.union(table(), ball()))
    on_table = points[points[:, 2] < 0.005]
    assert float(on_table[:, :2].norm(dim=1).min()) > 0.030


def test_one_side_of_an_edge_lies_in_the_shadow_of_the_second_imager():
    points, _ = seen(camera(), Solids.union(table(), ball(0.3)))
    on_table = points[points[:, 2] < 0.005]
    left = on_table[(on_table[:, 0] < -0.045) & (on_table[:, 0] > -0.06)]
    right = on_table[(on_table[:, 0] > 0.045) & (on_table[:, 0] < 0.06)]
    row = 0.02
    assert (left[:, 1].abs() < row).sum() < 0.5 * (right[:, 1].abs() < row).sum()


def test_the_robot_s_own_points_are_known_as_such():
    _, robot = seen(camera(), table(), ball())
    assert 50 < int(robot.sum()) < len(robot)


def test_range_noise_grows_with_the_square_of_the_distance():
    spreads = []
    for distance in (0.5, 1.0):
        view = camera(0.004, position=torch.tensor([[0.0, 0.0, distance]]))
        points, _ = seen(view, table())
        spreads.append(float(points[:, 2].std()))
    assert spreads[1] / spreads[0] == pytest.approx(4.0, rel=0.2)


def test_depth_comes_in_whole_millimetres():
    points, _ = seen(camera(0.002), table())
    depth_mm = (1.0 - points[:, 2]) * 1000.0
    assert float((depth_mm - depth_mm.round()).abs().max()) < 1e-3


def test_cameras_stand_on_the_dome_and_away_from_the_arm():
    draw = RandomDraws(256, torch.Generator().manual_seed(1))
    settings = DepthCameraRanges(spread_rad=1.0)
    target = draw.uniform(-0.3, 0.3, 3)
    arm = torch.tensor([[-1.0, 0.0, 0.5]]).expand(256, 3)
    view = place_cameras(target, arm, settings, draw)
    away = view.position - target
    low, high = settings.distance_m
    assert ((away.norm(dim=1) >= low) & (away.norm(dim=1) <= high)).all()
    assert (away[:, 0] > 0).all()
    assert torch.allclose(view.axes.mT @ view.axes, torch.eye(3).expand(256, 3, 3), atol=1e-5)


def test_a_window_that_does_not_divide_into_tiles_is_refused():
    with pytest.raises(ConfigError, match="multiple of 8"):
        DepthCameraRanges(rays=30)
