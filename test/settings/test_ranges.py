import math
from dataclasses import dataclass
from typing import Annotated

import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Count, Positive, Range, Share, check_ranges


@dataclass(frozen=True, kw_only=True)
class Settings:
    share: Share = 0.5
    age_s: Positive = 1.0
    count: Count = 1
    weights: Annotated[tuple[float, ...], Range(0.0)] = (1.0, 2.0)
    text: str = ""

    def __post_init__(self):
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Narrower(Settings):
    share: Annotated[float, Range(0.4, 0.6)] = 0.5


@pytest.mark.parametrize(
    ("allowed", "within", "beyond", "text"),
    [
        (Range(0.0, 1.0), (0.0, 1.0), (-0.1, 1.1), "0 to 1"),
        (Range(2), (2, 1e9), (1, math.inf), "at least 2"),
        (Range(most=3.0), (3.0, -1e9), (3.1, -math.inf), "at most 3"),
        (Range(above=0.0), (1e-9, 1e9), (0.0, -1.0, math.inf), "more than 0"),
        (Range(above=0.0, most=0.25), (0.25,), (0.0, 0.26), "more than 0, at most 0.25"),
        (Range(above=0.0, below=1.0), (0.5,), (0.0, 1.0), "more than 0, less than 1"),
        (Range(), (0.0,), (math.inf, -math.inf), "a finite number"),
    ],
)
def test_a_range_knows_its_numbers_and_says_which(allowed, within, beyond, text):
    assert all(number in allowed for number in within)
    assert not any(number in allowed for number in (*beyond, math.nan))
    assert str(allowed) == text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"share": 1.5}, "share: expected 0 to 1, got 1.5"),
        ({"age_s": math.nan}, "age_s: expected a finite number, got nan"),
        ({"age_s": math.inf}, "age_s: expected a finite number, got inf"),
        ({"count": 0}, "count: expected at least 1, got 0"),
        ({"weights": (1.0, -1.0)}, r"weights: expected at least 0, got \(1.0, -1.0\)"),
    ],
)
def test_a_number_out_of_its_range_is_refused_by_name(changes, said):
    with pytest.raises(ConfigError, match=said):
        Settings(**changes)


def test_a_subclass_may_narrow_a_range_and_keeps_the_others():
    with pytest.raises(ConfigError, match="share: expected 0.4 to 0.6"):
        Narrower(share=0.3)
    with pytest.raises(ConfigError, match="count"):
        Narrower(count=0)
