"""`config/calibration.yaml` names every setting, with the defaults of the code."""

import dataclasses

import pytest
import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.settings import CalibrationSettings, MotionSettings
from bridge_ros.settings.resources import share_dir


def test_the_file_holds_the_defaults_and_all_of_them():
    settings = CalibrationSettings.load()
    assert settings == CalibrationSettings()
    document = yaml.safe_load((share_dir() / "config/calibration.yaml").read_text())
    for section in dataclasses.fields(settings):
        part = getattr(settings, section.name)
        assert set(document[section.name]) == {field.name for field in dataclasses.fields(part)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("board: {squares_m: 0.03}", "squares_m"),
        ("[1, 2]", "entries of board"),
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
