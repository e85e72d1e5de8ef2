"""Which profile Fast DDS reads, and what must be so for it to hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROFILE = "FASTDDS_DEFAULT_PROFILES_FILE"
DISCOVERY = "ROS_AUTOMATIC_DISCOVERY_RANGE"


def middleware_environment(profile: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables with which a process talks as one of our profiles says.

    Our profiles look for this host's processes alone, as the range LOCALHOST does. But for that
    range rmw_fastrtps adds transports of its own to a profile's, shared memory among them.
    """
    variables = {PROFILE: str(profile)}
    if environment.get(DISCOVERY) == "LOCALHOST":
        variables[DISCOVERY] = "SYSTEM_DEFAULT"
    return variables
