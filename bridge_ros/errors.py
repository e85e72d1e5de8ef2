"""The one family of errors that bridge_ros raises on purpose."""


class BridgeError(Exception):
    """Base of every error that bridge_ros raises on purpose; its text is meant for people."""


class ConfigError(BridgeError):
    """A setting, file or command-line value is unusable; the text says what was expected."""


class PlanError(BridgeError):
    """A plan, or what it was to be made from, is unusable; nothing may move because of it."""


class ObservationError(BridgeError):
    """An observation is malformed: wrong shape, unit, frame, or not finite."""


class StaleObservationError(ObservationError):
    """An observation is older than its maximum age."""


class CheckpointError(BridgeError):
    """A model's folder cannot be loaded: missing, truncated, or of another shape."""


class TargetRefusedError(BridgeError):
    """A target violates the safety contract and was not followed."""


class HardwareError(BridgeError):
    """A device cannot be reached, answered wrongly, or reports a fault."""


class CameraError(HardwareError):
    """The camera, or what replaces it, delivers no usable frames."""
