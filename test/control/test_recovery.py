from bridge_ros.control.recovery import Recovery


def test_tries_are_spaced_and_come_to_an_end():
    recovery = Recovery(tries=2, wait_s=0.5, due_s=10.0)
    assert not recovery.is_due(9.9)
    assert recovery.is_due(10.0)
    assert not recovery.exhausted
    assert not recovery.is_due(10.4)
    assert recovery.is_due(10.5)
    assert recovery.exhausted
    assert not recovery.is_due(100.0)
