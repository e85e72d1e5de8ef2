import pytest

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.errors import ConfigError


@pytest.mark.parametrize(
    "values",
    [
        {"home_joints": (0.0,) * 6},
        {"home_joints": (float("nan"),) * 7},
        {"home_speed": 2.0},
        {"idle_after_s": 0.0},
        {"reconnect_s": 0.0},
        {"recover_tries": 0},
        {"recover_wait_s": 100.0},
    ],
)
def test_unusable_settings_are_refused_with_what_was_expected(values):
    with pytest.raises(ConfigError, match="expected"):
        BehaviourSettings(**values)
