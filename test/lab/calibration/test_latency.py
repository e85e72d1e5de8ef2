import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from bridge_ros.errors import BridgeError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import invert, look_at, transform_points
from bridge_ros.lab.calibration.latency import (
    Curve,
    HeardStrokes,
    coarse,
    delay_between,
    measure_latency,
)
from bridge_ros.lab.calibration.latency_plot import draw_latency

INTRINSICS = Intrinsics(width=640, height=480, fx=615.0, fy=615.0, cx=319.5, cy=239.5)
CAMERA = look_at(np.array([1.2, 0.0, 0.7]), np.array([0.45, 0.0, 0.2]))
SECONDS = 10.0
TABLE = np.random.default_rng(0).uniform(-1.0, 1.0, (480, 640))
HAND = np.kron(np.random.default_rng(1).uniform(-1.0, 1.0, (12, 12)), np.ones((5, 5)))


def wave(times_s):
    """To and fro between -4 and 4 cm in two seconds a stroke, standing still at the ends."""
    return 0.04 * np.clip(1.3 * np.sin(np.pi * np.asarray(times_s) / 2.0), -1.0, 1.0)


def pose_at(times_s):
    return np.array([0.45, float(wave(times_s)), 0.2, 1.0, 0.0, 0.0, 0.0])


def picture(pose, rng):
    """A speckled hand of 60 pixels before a speckled table."""
    u, v = INTRINSICS.project(transform_points(invert(CAMERA), pose[None, :3]))[0]
    grey = 90 + 20 * TABLE
    grid_u, grid_v = np.arange(640) - u + 30, np.arange(480) - v + 30
    inside_u = (grid_u >= 0) & (grid_u < 59)
    inside_v = (grid_v >= 0) & (grid_v < 59)
    # Between two pixels of the hand's own picture: it moves by fractions.
    at = np.meshgrid(grid_v[inside_v], grid_u[inside_u], indexing="ij")
    grey[np.ix_(inside_v, inside_u)] = 140 + 60 * map_coordinates(HAND, at, order=1)
    return np.clip(grey + rng.normal(0.0, 2.0, grey.shape), 0, 255).astype(np.uint8)


def motion(arm_s, camera_s, picture_s=1 / 30):
    rng = np.random.default_rng(2)
    return HeardStrokes(
        targets=[(t, pose_at(t)) for t in np.arange(0.0, SECONDS, 0.05)],
        poses=[(t, pose_at(t - arm_s)) for t in np.arange(0.01, SECONDS, 0.04)],
        pictures=[
            (t + camera_s, coarse(np.repeat(picture(pose_at(t - arm_s), rng)[..., None], 3, 2)))
            for t in np.arange(0.5, SECONDS - 0.5, picture_s)
        ],
    )


@pytest.mark.parametrize(("arm_s", "camera_s"), [(0.09, 0.0), (0.15, 0.04), (0.03, -0.06)])
def test_both_delays_are_found(arm_s, camera_s, tmp_path):
    latency = measure_latency(motion(arm_s, camera_s, 1 / 10))
    assert latency.arm.seconds == pytest.approx(arm_s, abs=0.004)
    assert latency.camera.seconds == pytest.approx(camera_s, abs=0.006)
    draw_latency(latency, tmp_path / "latency.png")
    assert (tmp_path / "latency.png").stat().st_size > 10_000


def test_a_curve_that_is_upside_down_has_the_same_delay():
    times_s = np.arange(0.0, 8.0, 0.02)
    first = Curve(times_s=times_s, values=wave(times_s))
    second = Curve(times_s=times_s, values=5.0 - 3.0 * wave(times_s - 0.2))
    delay = delay_between(first, second)
    assert delay.seconds == pytest.approx(0.2, abs=0.002)
    assert delay.likeness > 0.999


def test_a_camera_that_sees_no_motion_is_told():
    heard = motion(0.09, 0.0, 1 / 5)
    still = [(at_s, heard.pictures[0][1]) for at_s, _ in heard.pictures]
    with pytest.raises(BridgeError, match="in view of the camera"):
        measure_latency(HeardStrokes(targets=heard.targets, poses=heard.poses, pictures=still))


def test_too_few_pictures_are_told():
    heard = motion(0.09, 0.0, 2.0)
    with pytest.raises(BridgeError, match="20 pictures or more, heard"):
        measure_latency(heard)
