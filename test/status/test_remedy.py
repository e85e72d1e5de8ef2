from test_cause import ALL

from bridge_ros.ros import topics
from bridge_ros.status import Remedy, remedy


def test_a_remedy_is_what_the_sentence_asks_for():
    for reason in ALL:
        asked = [one for one in Remedy if one.value in reason.sentence]
        assert asked == [one for one in [remedy(reason)] if one is not None], reason


def test_what_has_no_reason_has_no_remedy():
    assert remedy(None) is None


def test_remedies_are_the_services_of_the_graph():
    assert [str(one) for one in Remedy] == [topics.RESUME, topics.HOME, topics.APPROVE]
