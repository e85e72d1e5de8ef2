import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings, MotionSettings


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("board: {squares_m: 0.03}", "got board.squares_m; did you mean board.square_m?"),
        ("[1, 2]", "expected names with values"),
        ("{ [", "expected a YAML file"),
        ("motion: {speed_m_s: 0.5}", "at most 0.25"),
    ],
)
def test_an_unusable_file_is_refused_by_what_is_wrong_with_it(tmp_path, text, words):
    path = tmp_path / "calibration.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        CalibrationSettings.load(path)


def test_motion_is_never_faster_than_people_can_react_to():
    with pytest.raises(ConfigError, match="at most 0.25"):
        MotionSettings(speed_m_s=0.3)
