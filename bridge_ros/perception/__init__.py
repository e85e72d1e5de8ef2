"""Point clouds as the action expert wants them: checked and cropped."""

from bridge_ros.perception.cloud import CloudBuilder, CloudSettings
from bridge_ros.perception.points import check_points, crop_ball

__all__ = ["CloudBuilder", "CloudSettings", "check_points", "crop_ball"]
