import math

from bridge_ros.task.rest import RestDetector


def test_rest_takes_time_and_is_broken_by_any_joint():
    rest = RestDetector(0.03, 0.3)
    for step in range(3):
        rest.update([0.1, 0.2, 0.3], 10.0 + 0.1 * step)
    assert not rest.at_rest(10.2)
    rest.update([0.1, 0.2, 0.3], 10.35)
    assert rest.at_rest(10.35)
    rest.update([0.1, 0.2, 0.33], 10.4)
    assert not rest.at_rest(10.4)
    rest.update([0.1, 0.2, 0.33], 10.75)
    assert rest.at_rest(10.75)


def test_a_joint_that_goes_slowly_but_steadily_is_not_at_rest_and_one_that_shivers_is():
    slow, shivering = RestDetector(0.03, 0.3), RestDetector(0.03, 0.3)
    for step in range(100):
        now_s = 10.0 + 0.04 * step
        slow.update([0.05 * 0.04 * step], now_s)
        shivering.update([2e-4 * (-1) ** step], now_s)
        if step > 10:
            assert not slow.at_rest(now_s)
            assert shivering.at_rest(now_s)


def test_a_position_that_is_no_number_is_no_rest():
    rest = RestDetector(0.03, 0.3)
    for step in range(20):
        rest.update([0.1, math.nan], 10.0 + 0.1 * step)
        assert not rest.at_rest(10.0 + 0.1 * step)


def test_an_arm_that_nobody_hears_of_is_moved_by_nobody():
    rest = RestDetector(0.03, 0.3)
    assert rest.at_rest(0.0)
    rest.update([], 1.0)
    assert rest.at_rest(1.0)
    rest.update([0.5], 2.0)
    assert not rest.at_rest(2.2)
    assert rest.at_rest(4.0)
