"""SoleSender: two that publish on one topic do not take turns."""

from bridge_ros.ros.sole_sender import SoleSender


def info(name):
    return {"publisher_gid": {"implementation_identifier": "any", "data": name.encode()}}


def test_who_speaks_first_is_listened_to_until_it_falls_silent():
    sole = SoleSender(silence_s=0.15)
    assert sole.accepts(info("expert"), 10.00)
    assert not sole.accepts(info("stranger"), 10.01)
    assert sole.accepts(info("expert"), 10.05)
    assert not sole.accepts(info("stranger"), 10.19)
    assert sole.accepts(info("stranger"), 10.21)
    assert not sole.accepts(info("expert"), 10.22)
    assert sole.ignored == 3


def test_where_the_middleware_does_not_tell_them_apart_everybody_is_listened_to():
    sole = SoleSender(silence_s=0.15)
    assert sole.accepts(info("expert"), 10.0)
    assert sole.accepts({"source_timestamp": 1}, 10.01)
    assert sole.ignored == 0
