"""Names of the topics, services, actions and frames of bridge_ros, and their QoS."""

from rclpy.duration import Duration
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
)

INSTRUCTION = "/instruction"
EXECUTE = "/bridge/execute"
PLAN = "/bridge/plan"
TRAJECTORY = "/bridge/trajectory"
PLAN_TRAJECTORY = "/bridge/plan_trajectory"
TARGET_POSE = "/bridge/target_pose"
TARGET_GRIPPER_WIDTH = "/bridge/target_gripper_width"
JOINT_STATES = "/joint_states"
EE_POSE = "/bridge/ee_pose"
POINTS = "/bridge/points"
PATH = "/bridge/path"
MARKERS = "/bridge/markers"
STOP = "/bridge/stop"
RESUME = "/bridge/resume"
HOME = "/bridge/home"
APPROVE = "/bridge/approve"
STATUS = "/bridge/status"
DIAGNOSTICS = "/diagnostics"
TF_STATIC = "/tf_static"

COLOR_IMAGE = "/camera/camera/color/image_raw"
COLOR_INFO = "/camera/camera/color/camera_info"
DEPTH_IMAGE = "/camera/camera/aligned_depth_to_color/image_raw"
DEPTH_INFO = "/camera/camera/aligned_depth_to_color/camera_info"

SIM_OBJECTS = "/sim/objects"

BASE_FRAME = "base"
CAMERA_FRAME = "camera_link"
OPTICAL_FRAME = "camera_color_optical_frame"

LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    history=HistoryPolicy.KEEP_LAST,
)
STATUS_QOS = QoSProfile(
    depth=20,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    history=HistoryPolicy.KEEP_LAST,
)
SENSOR = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
EVERY_MESSAGE = QoSProfile(depth=500, reliability=ReliabilityPolicy.RELIABLE)
COMMAND = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)

LIVENESS_LEASE_S = 0.12


def liveness_topic(node_name: str) -> str:
    """Where a node shows that it is alive."""
    return f"/bridge/alive/{node_name}"


LIVENESS = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    liveliness=LivelinessPolicy.AUTOMATIC,
    liveliness_lease_duration=Duration(nanoseconds=round(LIVENESS_LEASE_S * 1e9)),
)
