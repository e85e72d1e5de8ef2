"""Errors of recording."""

from bridge_ros.errors import BridgeError


class EpisodeError(BridgeError):
    """An episode cannot be written any further, or be read."""
