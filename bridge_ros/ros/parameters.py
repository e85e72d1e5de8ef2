"""A node's parameters: its settings, declared one by one."""

from __future__ import annotations

from typing import TypeVar

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node

from bridge_ros.ros.rclpy_internals import parameter_overrides
from bridge_ros.settings.loader import flatten, settings_from

S = TypeVar("S")

_OF_EVERY_NODE = ("use_sim_time", "qos_overrides.")


def declare_settings(node: Node, settings_class: type[S]) -> S:
    """Declare a parameter for every entry of the settings, as it was set, or else its default.

    Raises:
        ConfigError: for an unusable value, or a parameter file that names an unknown entry.
    """
    given = {
        name: parameter.value
        for name, parameter in parameter_overrides(node).items()
        if not name.startswith(_OF_EVERY_NODE)
    }
    settings = settings_from(settings_class, given, source=node.get_name())
    for name, value in flatten(settings).items():
        node.declare_parameter(name, value, ParameterDescriptor(), ignore_override=True)
    return settings
