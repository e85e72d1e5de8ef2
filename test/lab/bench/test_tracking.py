import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.lab.bench.tracking import Tracking


def wanted(t_s):
    turned = Rotation.from_rotvec([0.0, 0.0, 0.3 * np.sin(t_s)]).as_quat()
    return np.array([0.5 + 0.1 * np.sin(2.0 * t_s), 0.1 * np.cos(2.0 * t_s), 0.3, *turned])


def test_a_late_motion_that_is_otherwise_true_has_lag_and_no_error():
    times_s = np.arange(0.0, 10.0, 0.01)
    measured = np.array([wanted(t_s - 0.06) for t_s in times_s])
    tracking = Tracking.of(times_s, measured, wanted)
    assert tracking.lag_s == pytest.approx(0.06, abs=1e-9)
    assert tracking.error_p99_m < 1e-4
    assert tracking.turn_p99_rad < 2e-3
    assert tracking.speed_m_s == pytest.approx(0.2, rel=0.01)


def test_an_offset_is_an_error_in_metres_and_radians():
    times_s = np.arange(0.0, 10.0, 0.01)
    measured = np.array([wanted(t_s) for t_s in times_s])
    measured[:, 2] += 0.004
    tilt = Rotation.from_rotvec([0.02, 0.0, 0.0])
    measured[:, 3:] = (tilt * Rotation.from_quat(measured[:, 3:])).as_quat()
    tracking = Tracking.of(times_s, measured, wanted)
    assert tracking.lag_s == pytest.approx(0.0, abs=0.006)
    assert tracking.error_p50_m == pytest.approx(0.004, abs=2e-4)
    assert tracking.turn_p50_rad == pytest.approx(0.02, abs=2e-3)
