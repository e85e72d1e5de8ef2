import importlib
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest
import rclpy
from rcl_interfaces.msg import ParameterType
from rclpy.node import Node
from rclpy.parameter import Parameter

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.errors import ConfigError
from bridge_ros.ros.parameters import declare_settings
from bridge_ros.settings.ranges import Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class Inner:
    """A part.

    Attributes:
        gain: how strongly.
        name: of whom; None for nobody.
    """

    gain: float = 2.5
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All.

    Attributes:
        rate_hz: how often.
        count: how many.
        mode: how.
        box: where [m].
    """

    rate_hz: Annotated[float, Range(above=0.0, most=100.0)] = 20.0
    count: Annotated[int, Range(1, 10)] = 3
    mode: Literal["fast", "slow"] = "fast"
    box: tuple[float, ...] = (0.0, 1.0)
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self) -> None:
        check_ranges(self)


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


def test_a_parameter_is_described_by_its_own_text_type_unit_and_range(context):
    node = node_with(context, count=7)
    declare_settings(node, Settings)
    rate, count, mode, name = (
        node.describe_parameter(name) for name in ("rate_hz", "count", "mode", "inner.name")
    )
    assert rate.description == "how often. [Hz]"
    assert rate.type == ParameterType.PARAMETER_DOUBLE
    assert rate.additional_constraints == "more than 0, at most 100"
    assert [(r.from_value, r.to_value) for r in rate.floating_point_range] == [(0.0, 100.0)]
    assert (count.description, count.type) == ("how many.", ParameterType.PARAMETER_INTEGER)
    assert [(r.from_value, r.to_value) for r in count.integer_range] == [(1, 10)]
    assert (mode.description, mode.additional_constraints) == ("how.", "one of fast, slow")
    assert (name.description, name.type) == (
        "of whom; None for nobody.",
        ParameterType.PARAMETER_STRING,
    )


def test_a_parameter_that_would_have_no_effect_cannot_be_set(context):
    node = node_with(context, count=7)
    declare_settings(node, Settings)
    [result] = node.set_parameters([Parameter("count", value=8)])
    assert not result.successful
    assert node.get_parameter("count").value == 7


@pytest.mark.parametrize("name", [spec.name for spec in Deployment(sim=True).nodes()])
def test_every_node_s_settings_can_be_declared(context, name):
    settings_class = importlib.import_module(f"bridge_ros.nodes.{name}_node").SETTINGS
    node = node_with(context)
    assert declare_settings(node, settings_class) == settings_class()


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"rate": 5.0}, "settings_test: expected known entries, got rate; did you mean rate_hz"),
        ({"rate_hz": -1.0}, "settings_test: rate_hz: expected more than 0, at most 100, got -1"),
        ({"mode": "medium"}, "expected one of"),
        ({"count": 2.5}, "expected int"),
        ({"count": True}, "expected int"),
        ({"box": 3.0}, "expected a list"),
    ],
)
def test_an_unusable_parameter_is_refused_by_name(context, parameters, reason):
    with pytest.raises(ConfigError, match=reason):
        declare_settings(node_with(context, **parameters), Settings)
