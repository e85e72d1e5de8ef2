"""An arm and a gripper that obey perfectly, and fail when told to; they implement the Protocols."""

import numpy as np

from bridge_ros.errors import HardwareError, TargetRefusedError
from bridge_ros.hardware.protocols import ArmState, GripperState

HOME = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])


class FakeArm:
    def __init__(self):
        self.pose = HOME.copy()
        self.mode, self.errors, self.in_control = "idle", (), False
        self.velocity_rad_s = 0.0
        self.unreachable = self.silent = self.refuses_start = False
        self.recoveries = []
        self.calls, self.followed, self.twists = [], [], []

    def connect(self):
        self.calls.append("connect")
        if self.unreachable:
            raise HardwareError("nobody answers")

    def start(self):
        self.calls.append("start")
        if self.refuses_start:
            raise HardwareError("command not possible")
        self.mode, self.in_control = "move", True

    def follow(self, pose, twist):
        if self.in_control:
            self.pose = pose
            self.followed.append(pose)
            self.twists.append(twist)

    def state(self):
        if self.silent:
            raise HardwareError("no new state")
        return ArmState(
            joint_positions=np.zeros(7),
            joint_velocities=np.full(7, self.velocity_rad_s),
            joint_torques=np.zeros(7),
            ee_pose=self.pose.copy(),
            mode=self.mode,
            errors=self.errors,
            in_control=self.in_control,
        )

    def pose_of(self, joint_positions):
        return HOME.copy()

    def stop(self):
        self.calls.append("stop")
        self.in_control = False
        if self.mode == "move":
            self.mode = "idle"

    def recover(self):
        self.calls.append("recover")
        recovered = self.recoveries.pop(0) if self.recoveries else True
        if recovered:
            self.mode, self.errors = "idle", ()
        return recovered

    def close(self):
        self.calls.append("close")
        self.in_control = False


class FakeGripper:
    def __init__(self):
        self.width_m, self.trouble, self.closed, self.halted = 0.1, None, False, False

    def start(self):
        pass

    def set_width(self, width_m):
        if not 0.0 <= width_m <= 0.11:
            raise TargetRefusedError("no such width")
        self.width_m = width_m

    def halt(self):
        self.halted = True

    def state(self):
        if self.trouble:
            raise HardwareError(self.trouble)
        return GripperState(width_m=self.width_m, speed_m_s=0.0, force_n=0.0, moving=False)

    def close(self):
        self.closed = True


class Anywhere:
    """Implements `Reach` for an arm that gets everywhere."""

    def allows(self, pose, joints):
        return True
