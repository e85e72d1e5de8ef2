"""The libraries that recorded episodes need."""

from bridge_ros.errors import ConfigError


def ensure_mcap() -> None:
    """Raises ConfigError, saying what to do, unless the libraries for episodes are installed."""
    try:
        import mcap  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"episodes: {error}; pip install 'bridge_ros[record]'") from error
