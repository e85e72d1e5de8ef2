"""What a person chooses from about a deployment; light, for whoever only names the choices."""

PLANNER_BACKENDS = ("classical", "manual", "openai", "transformers", "vlm")
CAMERA_SOURCES = ("realsense", "playback", "realsense_ros")
