import pytest

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings


def test_a_hold_leaves_the_target_where_the_controller_takes_it_again():
    limits, settings = TargetLimits(), TeleopSettings()
    step_s = 2 / 20
    assert settings.leash_m + settings.linear_m_s * step_s < limits.max_step_m
    assert settings.leash_rad + settings.angular_rad_s * step_s < limits.max_step_rad


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("linear_m_s: 1.0", "linear_m_s: expected more than 0, at most 0.25"),
        ("key_hold_s: 0.0", "key_hold_s"),
        ("operator_yaw_rad: .nan", "operator_yaw_rad"),
        ("speed: 1.0", "expected known entries, got speed"),
        ("- 1", "expected names with values"),
    ],
)
def test_an_unusable_file_is_refused_with_what_is_wrong(tmp_path, text, complaint):
    (tmp_path / "teleop.yaml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        TeleopSettings.load(tmp_path / "teleop.yaml")
