"""ActionQueue: time alignment and seams without jumps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_ros.errors import StaleObservationError
from bridge_ros.expert import ActionChunk
from bridge_ros.expert.action_queue import ActionQueue, ActionQueueSettings

PERIOD = 0.05


def chunk(position, velocity=(0.0, 0.0, 0.0), width=0.08, steps=16):
    """A straight motion; step i is due at (i + 1) periods."""
    times = PERIOD * np.arange(1, steps + 1)[:, None]
    positions = np.asarray(position) + times * np.asarray(velocity)
    quaternions = np.tile([1.0, 0.0, 0.0, 0.0], (steps, 1))
    return ActionChunk(
        poses=np.concatenate([positions, quaternions], axis=1),
        gripper_widths=np.full(steps, width),
    )


def test_the_time_that_inference_took_drops_out():
    queue = ActionQueue()
    queue.push(chunk([0, 0, 0], [1, 0, 0]), observed_s=10.0, now_s=10.13)
    assert queue.sample(10.13)[0][0] == pytest.approx(0.13)
    assert queue.sample(10.20)[0][0] == pytest.approx(0.20)


def test_chunks_that_agree_are_joined_exactly():
    queue = ActionQueue()
    queue.push(chunk([0, 0, 0], [0.2, 0, 0]), observed_s=0.0, now_s=0.04)
    queue.push(chunk([0.02, 0, 0], [0.2, 0, 0]), observed_s=0.1, now_s=0.16)
    assert queue.last_seam_m == pytest.approx(0.0, abs=1e-9)
    for now in np.arange(0.16, 0.44, 0.013):
        assert queue.sample(now)[0][0] == pytest.approx(0.2 * now, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-0.03, 0.03), min_size=2, max_size=12))
def test_chunks_that_disagree_are_blended_without_a_jump(offsets):
    queue = ActionQueue()
    now, previous, largest = 0.0, None, 0.0
    for offset in offsets:
        queue.push(chunk([offset, 0, 0]), observed_s=now - 0.06, now_s=now)
        for _ in range(3):
            x = queue.sample(now)[0][0]
            if previous is not None:
                largest = max(largest, abs(x - previous))
            previous, now = x, now + PERIOD
    spread = max(offsets) - min(offsets)
    assert largest <= spread * PERIOD / ActionQueueSettings().blend_s + 1e-9


def test_the_seam_is_measured_where_both_chunks_have_a_target():
    """Pins that a chunk handed over at once was counted as a jump of one step."""
    queue = ActionQueue()
    queue.push(chunk([0, 0, 0], [0.2, 0, 0]), observed_s=0.0, now_s=0.0)
    queue.push(chunk([0.02, 0, 0], [0.2, 0, 0]), observed_s=0.1, now_s=0.1)
    assert queue.last_seam_m == pytest.approx(0.0, abs=1e-9)


def test_a_new_chunk_has_taken_over_after_the_blend():
    queue = ActionQueue()
    queue.push(chunk([0.0, 0, 0], width=0.08), observed_s=0.0, now_s=0.05)
    queue.push(chunk([0.01, 0, 0], width=0.0), observed_s=0.1, now_s=0.15)
    assert queue.sample(0.15)[0][0] == pytest.approx(0.0)
    assert queue.last_seam_m == pytest.approx(0.01)
    pose, width = queue.sample(0.31)
    assert pose[0] == pytest.approx(0.01)
    assert width == 0.0


def test_a_gripper_width_is_given_when_it_is_due_and_never_in_between():
    queue = ActionQueue()
    widths = np.array([0.08] * 4 + [0.0] * 12)
    queue.push(
        ActionChunk(poses=chunk([0, 0, 0]).poses, gripper_widths=widths), observed_s=0.0, now_s=0.0
    )
    assert [queue.sample(t)[1] for t in (0.0, 0.05, 0.2, 0.249)] == [0.08] * 4
    assert queue.sample(0.25)[1] == 0.0


def test_it_runs_dry_by_name_instead_of_repeating_the_past():
    queue = ActionQueue()
    with pytest.raises(StaleObservationError):
        queue.sample(0.0)
    queue.push(chunk([0, 0, 0]), observed_s=0.0, now_s=0.0)
    queue.sample(0.59)
    with pytest.raises(StaleObservationError, match=r"0\.61 s old"):
        queue.sample(0.61)
    queue.clear()
    assert not queue


def test_a_chunk_that_comes_late_is_not_followed_back_in_time():
    queue = ActionQueue()
    queue.push(chunk([0.5, 0, 0]), observed_s=1.0, now_s=1.05)
    queue.push(chunk([0.9, 0, 0]), observed_s=0.9, now_s=1.10)
    assert queue.sample(1.3)[0][0] == pytest.approx(0.5)
