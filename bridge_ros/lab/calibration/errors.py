"""What a calibration refuses, one class a cause; each text says what to do about it."""

from bridge_ros.errors import BridgeError


class CalibrationError(BridgeError):
    """A calibration, or a view for one, cannot be used."""


class BoardNotFoundError(CalibrationError):
    """The board is not in the picture."""


class FewCornersError(CalibrationError):
    """Too little of the board is seen."""


class BlurredViewError(CalibrationError):
    """The picture of the board is blurred."""


class UnevenBoardError(CalibrationError):
    """The corners do not lie where those of a flat board of this kind would."""


class MovingArmError(CalibrationError):
    """The arm moved when the picture was taken."""


class SimilarViewError(CalibrationError):
    """A view tells nothing that an earlier one did not."""


class FewViewsError(CalibrationError):
    """There are too few views to calibrate from."""


class SimilarViewsError(CalibrationError):
    """All views together are too similar: the camera's pose does not follow from them."""


class PoorCalibrationError(CalibrationError):
    """The views contradict each other: what was found is not good enough to be used."""
