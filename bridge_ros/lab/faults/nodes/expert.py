"""The expert node with targets that go wrong when told to."""

from __future__ import annotations

import math

from bridge_ros.expert.expert_settings import ExpertSettings
from bridge_ros.expert.loop import Target
from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.nodes.expert_node import ExpertNode
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_to_stamped, s_to_stamp
from bridge_ros.ros.node import run

_ASIDE_M = 0.10
_LATE_S = 0.3


class FaultyExpertNode(FaultyNode[ExpertSettings], ExpertNode):
    """Its words: silent, nan, not unit (quaternions), wrong frame, teleport, late."""

    def _publish(self, target: Target, now_s: float) -> None:
        word = self.word
        pose, frame, stamp_s = target.pose.copy(), topics.BASE_FRAME, now_s
        if word == "silent":
            return
        if word == "nan":
            pose[:3] = math.nan
        elif word == "not unit":
            pose[3:] *= 1.2
        elif word == "wrong frame":
            frame = topics.OPTICAL_FRAME
        elif word == "teleport":
            pose[1] += _ASIDE_M
        elif word == "late":
            stamp_s -= _LATE_S
        else:
            super()._publish(target, now_s)
            return
        self._pose_pub.publish(pose_to_stamped(pose, frame_id=frame, stamp=s_to_stamp(stamp_s)))


if __name__ == "__main__":
    run(FaultyExpertNode)
