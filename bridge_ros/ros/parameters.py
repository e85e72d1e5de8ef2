"""A node's parameters: its settings, declared one by one with what each of them means."""

from __future__ import annotations

import math
import typing
from typing import TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from bridge_ros.ros.rclpy_internals import parameter_overrides
from bridge_ros.settings.entries import Entry, entries_of
from bridge_ros.settings.loader import flatten, settings_from

S = TypeVar("S")

_OF_EVERY_NODE = ("use_sim_time", "qos_overrides.")


def declare_settings(node: Node, settings_class: type[S]) -> S:
    """Declare a parameter for every entry of the settings, as it was set, or else its default.

    Settings are read once, so the parameters are read-only: one that could be changed would seem
    to have an effect.

    Raises:
        ConfigError: for an unusable value, or a parameter file that names an unknown entry.
    """
    given = {
        name: parameter.value
        for name, parameter in parameter_overrides(node).items()
        if not name.startswith(_OF_EVERY_NODE)
    }
    settings = settings_from(settings_class, given, source=node.get_name())
    values = flatten(settings)
    for name, entry in entries_of(settings_class).items():
        node.declare_parameter(name, values[name], descriptor_of(entry), ignore_override=True)
    return settings


def descriptor_of(entry: Entry) -> ParameterDescriptor:
    """What `ros2 param describe` says of an entry; its type is that of the value declared."""
    unit = f" [{entry.unit}]" if entry.unit and f"[{entry.unit}]" not in entry.text else ""
    descriptor = ParameterDescriptor(description=entry.text + unit, read_only=True)
    if typing.get_origin(entry.kind) is typing.Literal:
        choices = ", ".join(typing.get_args(entry.kind))
        descriptor.additional_constraints = f"one of {choices}"
    if entry.allowed is None:
        return descriptor
    descriptor.additional_constraints = str(entry.allowed)
    low, high = entry.allowed.bounds
    if entry.kind is float and (math.isfinite(low) or math.isfinite(high)):
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif entry.kind is int and abs(low) < 2**63 and high < 2**63:
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=1)]
    return descriptor
