"""Point clouds as the action expert wants them: cropped, masked, downsampled."""

from bridge_ros.perception.cloud import CloudBuilder, CloudSettings
from bridge_ros.perception.sampling import check_points, crop_ball, downsample

__all__ = ["CloudBuilder", "CloudSettings", "check_points", "crop_ball", "downsample"]
