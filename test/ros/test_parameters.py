from dataclasses import dataclass, field
from typing import Literal

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter

from bridge_ros.errors import ConfigError
from bridge_ros.ros.parameters import declare_settings


@dataclass(frozen=True, kw_only=True)
class Inner:
    gain: float = 2.5
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    rate_hz: float = 20.0
    count: int = 3
    mode: Literal["fast", "slow"] = "fast"
    box: tuple[float, ...] = (0.0, 1.0)
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        if self.rate_hz <= 0:
            raise ConfigError(f"rate_hz: expected a positive number, got {self.rate_hz}")


@pytest.fixture
def context():
    context = rclpy.Context()
    context.init()
    yield context
    context.try_shutdown()


def node_with(context, **parameters):
    overrides = [Parameter(name.replace("__", "."), value=v) for name, v in parameters.items()]
    return Node("settings_test", context=context, parameter_overrides=overrides)


def test_without_parameters_a_node_has_the_defaults(context):
    assert declare_settings(node_with(context), Settings) == Settings()


def test_parameters_override_also_in_nested_settings(context):
    node = node_with(context, rate_hz=5, inner__gain=1.5, inner__name="arm", box=[1.0, 2.0])
    expected = Settings(rate_hz=5.0, box=(1.0, 2.0), inner=Inner(gain=1.5, name="arm"))
    assert declare_settings(node, Settings) == expected


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"rate": 5.0}, "settings_test: expected known entries, got rate; did you mean rate_hz"),
        ({"rate_hz": -1.0}, "positive"),
        ({"mode": "medium"}, "expected one of"),
        ({"count": 2.5}, "expected int"),
        ({"count": True}, "expected int"),
        ({"box": 3.0}, "expected a list"),
    ],
)
def test_an_unusable_parameter_is_refused_by_name(context, parameters, reason):
    with pytest.raises(ConfigError, match=reason):
        declare_settings(node_with(context, **parameters), Settings)
