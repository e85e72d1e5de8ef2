import numpy as np

from bridge_ros.control.inbox import Inbox
from bridge_ros.control.target_checks import PoseTarget
from bridge_ros.status import Absence


def target(stamp_s):
    return PoseTarget(
        pose=np.zeros(7), frame_id="base", stamp_s=stamp_s, age_s=0.0, arrived_s=stamp_s
    )


def test_what_is_put_in_is_taken_out_once_and_in_order():
    inbox = Inbox()
    for stamp_s in (1.0, 2.0):
        inbox.put_target(target(stamp_s))
        inbox.put_request(print)
    assert [t.stamp_s for t in inbox.take_targets()] == [1.0, 2.0]
    assert inbox.take_requests() == [print, print]
    assert inbox.take_targets() == []
    assert inbox.take_requests() == []


def test_a_flood_of_targets_leaves_the_newest():
    inbox = Inbox()
    for stamp_s in range(1000):
        inbox.put_target(target(float(stamp_s)))
    taken = inbox.take_targets()
    assert len(taken) <= 20
    assert taken[-1].stamp_s == 999.0


def test_missing_nodes_are_those_last_told():
    inbox = Inbox()
    inbox.set_missing({"planner": Absence.ENDED, "expert": Absence.SILENT})
    inbox.set_missing({"expert": Absence.ENDED})
    assert inbox.missing == {"expert": Absence.ENDED}
