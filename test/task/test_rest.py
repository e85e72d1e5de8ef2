from bridge_ros.task.rest import RestDetector


def test_rest_takes_time_and_is_broken_by_any_joint():
    rest = RestDetector(0.03, 0.3)
    for step in range(3):
        rest.update([0.0, 0.01, -0.02], 10.0 + 0.1 * step)
    assert not rest.at_rest(10.2)
    rest.update([0.0, 0.0, 0.0], 10.35)
    assert rest.at_rest(10.35)
    rest.update([0.0, 0.0, -0.5], 10.4)
    assert not rest.at_rest(10.4)


def test_an_arm_that_nobody_hears_of_is_moved_by_nobody():
    rest = RestDetector(0.03, 0.3)
    assert rest.at_rest(0.0)
    rest.update([], 1.0)
    assert rest.at_rest(1.0)
    rest.update([0.5], 2.0)
    assert not rest.at_rest(2.5)
    assert rest.at_rest(4.0)
