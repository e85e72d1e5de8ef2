import numpy as np
import pytest

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.ros import conversions as convert

STAMP = convert.s_to_stamp(1234.000000567)
INTRINSICS = Intrinsics(width=6, height=4, fx=600.0, fy=601.0, cx=2.5, cy=1.5)


def frame():
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    depth = (rng.integers(0, 3000, (4, 6)) * 0.001).astype(np.float32)
    return RGBDFrame(rgb=rgb, depth_m=depth, intrinsics=INTRINSICS, stamp_s=1234.5)


def messages():
    original = frame()
    stamp = convert.s_to_stamp(original.stamp_s)
    return (
        convert.color_to_msg(original, stamp),
        convert.depth_to_msg(original, stamp),
        convert.intrinsics_to_msg(INTRINSICS, stamp),
    )


def plan():
    return WaypointPlan(
        waypoints=np.array([[0.1, 0.2, 0.9], [0.1, 0.25, 0.95]]),
        target_pose=np.array([0.1, 0.25, 0.95, 0.0, 0.6, 0.0, 0.8]),
        gripper_action=GripperAction.CLOSE,
        approach_width_m=0.08,
        subgoal="grasp the red cube",
        final=False,
    )


def plan_message(value):
    return convert.plan_to_msg(value, plan_id="p1", instruction="pick", stage=2, stamp=STAMP)


def test_stamps_keep_their_nanoseconds():
    assert (STAMP.sec, STAMP.nanosec) == (1234, 567)
    assert convert.stamp_to_s(STAMP) == pytest.approx(1234.000000567, abs=1e-7)


def test_a_frame_survives_the_trip_through_messages():
    original, (color, depth, info) = frame(), messages()
    assert (color.encoding, depth.encoding) == ("rgb8", "16UC1")
    returned = convert.frame_from_msgs(color, depth, info)
    np.testing.assert_array_equal(returned.rgb, original.rgb)
    np.testing.assert_allclose(returned.depth_m, original.depth_m, atol=5e-7)
    assert returned.intrinsics == original.intrinsics
    assert returned.stamp_s == original.stamp_s


def test_rows_with_padding_are_read():
    color, _, _ = messages()
    padded = np.zeros((4, 20), np.uint8)
    padded[:, :18] = np.frombuffer(color.data, np.uint8).reshape(4, 18)
    color.step, color.data = 20, padded.tobytes()
    np.testing.assert_array_equal(convert.color_from_msg(color), frame().rgb)


def test_blue_first_images_are_turned_round():
    color, _, _ = messages()
    color.encoding = "bgr8"
    np.testing.assert_array_equal(convert.color_from_msg(color), frame().rgb[..., ::-1])


def test_float_depth_loses_what_is_not_finite():
    _, depth, _ = messages()
    values = np.full((4, 6), 0.5, np.float32)
    values[0, 0], values[1, 1] = np.nan, np.inf
    depth.encoding, depth.step, depth.data = "32FC1", 24, values.tobytes()
    read = convert.depth_from_msg(depth)
    assert read[0, 0] == read[1, 1] == 0.0
    assert (np.delete(read.ravel(), [0, 7]) == 0.5).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c, d, i: setattr(c, "encoding", "yuv422"), "encoding rgb8"),
        (lambda c, d, i: setattr(d, "encoding", "rgb8"), "encoding 16UC1"),
        (lambda c, d, i: setattr(c, "data", c.data[:-1]), "rows of 18 bytes"),
        (lambda c, d, i: setattr(c, "height", 0), "needs rows"),
        (lambda c, d, i: setattr(i, "width", 7), "expected"),
        (lambda c, d, i: setattr(d.header, "stamp", STAMP), "same time"),
        (lambda c, d, i: setattr(c.header, "frame_id", "map"), "frame"),
    ],
)
def test_images_that_do_not_fit_are_refused(change, reason):
    color, depth, info = messages()
    change(color, depth, info)
    with pytest.raises(CameraError, match=reason):
        convert.frame_from_msgs(color, depth, info)


def test_camera_info_without_calibration_is_refused():
    color, depth, info = messages()
    info.k[0] = 0.0
    with pytest.raises(ConfigError, match="focal lengths"):
        convert.frame_from_msgs(color, depth, info)


def test_a_plan_survives_the_trip_through_its_message():
    message = plan_message(plan())
    assert (message.plan_id, message.stage, message.subgoal) == ("p1", 2, "grasp the red cube")
    returned = convert.plan_from_msg(message)
    np.testing.assert_allclose(returned.waypoints, plan().waypoints)
    np.testing.assert_allclose(returned.target_pose, plan().target_pose)
    assert returned.gripper_action is GripperAction.CLOSE
    assert returned.approach_width_m == 0.08


def test_the_empty_plan_is_none_in_both_directions():
    assert convert.plan_from_msg(plan_message(None)) is None


@pytest.mark.parametrize(
    ("field", "value"), [("gripper_action", 9), ("approach_width", float("nan"))]
)
def test_a_plan_with_a_nonsense_gripper_is_refused(field, value):
    message = plan_message(plan())
    setattr(message, field, value)
    with pytest.raises(PlanError, match=field):
        convert.plan_from_msg(message)


def test_a_trajectory_in_another_frame_is_refused():
    message = convert.trajectory_to_msg(
        None, plan_id="p", stage=0, gripper_action=GripperAction.KEEP, stamp=STAMP
    )
    assert convert.trajectory_from_msg(message) is None
    message.poses = [convert.pose_to_msg([0, 0, 0, 0, 0, 0, 1])]
    message.header.frame_id = "world"
    with pytest.raises(PlanError, match="base"):
        convert.trajectory_from_msg(message)


def test_points_are_float32_x_y_z_one_after_the_other():
    points = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    message = convert.points_to_msg(points, frame_id="base", stamp=STAMP)
    fields = [(field.name, field.offset) for field in message.fields]
    assert fields == [("x", 0), ("y", 4), ("z", 8)]
    assert (message.width, message.point_step, message.row_step) == (50, 12, 600)
    np.testing.assert_array_equal(np.frombuffer(message.data, "<f4").reshape(50, 3), points)
