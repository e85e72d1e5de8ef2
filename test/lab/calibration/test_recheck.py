import numpy as np
import pytest

from bridge_ros.lab.calibration.recheck import Recheck, shift_since
from bridge_ros.lab.calibration.solution import Calibration
from bridge_ros.lab.calibration.verdict import CalibrationVerdict, VerdictLimits

BEFORE = np.array([1.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0])
LIMITS = VerdictLimits(check_position_m=0.003, check_rotation_rad=0.005)


def measured(*, shift_m=0.0, turn_rad=0.0, grade="good"):
    turned = [0.0, 0.0, np.sin(turn_rad / 2), np.cos(turn_rad / 2)]
    return Calibration(
        base_from_optical=np.concatenate([BEFORE[:3] + [0.0, shift_m, 0.0], turned]),
        ee_from_board=BEFORE,
        used=np.ones(8, bool),
        view_rms_px=np.full(8, 0.3),
        rms_px=0.3,
        position_std_m=0.0005,
        rotation_std_rad=0.0005,
        board_scale=1.0,
        verdict=CalibrationVerdict(grade=grade),
    )


@pytest.mark.parametrize(
    "again, meaning",
    [
        ({"shift_m": 0.002, "turn_rad": 0.004}, Recheck.HOLDS),
        ({"shift_m": 0.004}, Recheck.MOVED),
        ({"turn_rad": 0.006}, Recheck.MOVED),
        ({"shift_m": 0.004, "grade": "fair"}, Recheck.MOVED),
        ({"grade": "poor"}, Recheck.POOR),
    ],
)
def test_a_calibration_holds_while_the_camera_is_measured_near_to_where_it_was(again, meaning):
    shift = shift_since(measured(**again), BEFORE, LIMITS)
    assert shift.meaning is meaning
    assert shift.position_m == pytest.approx(again.get("shift_m", 0.0))
    assert shift.rotation_rad == pytest.approx(again.get("turn_rad", 0.0))
