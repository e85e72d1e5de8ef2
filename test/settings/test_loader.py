import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from bridge_ros.control.controller_settings import ControllerSettings
from bridge_ros.errors import ConfigError
from bridge_ros.settings.loader import flatten, settings_from


@dataclass(frozen=True, kw_only=True)
class Inner:
    gain_per_s: float = 2.5
    name: str | None = None
    corner_m: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self):
        if self.gain_per_s < 0:
            raise ConfigError(f"gain_per_s: expected 0 or more, got {self.gain_per_s}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    rate_hz: float = 20.0
    count: int = 3
    quick: bool = False
    text: str = "a"
    mode: Literal["fast", "slow"] = "fast"
    joints: tuple[float, ...] = (0.0, 1.0)
    topics: Mapping[str, str] = field(default_factory=dict)
    inner: Inner = field(default_factory=Inner)


@dataclass(frozen=True, kw_only=True)
class Demanding:
    magnitude: float


def load(entries, settings_class=Settings):
    return settings_from(settings_class, entries, source="file.yaml")


def test_flattening_and_loading_give_the_settings_back():
    settings = Settings(count=7, inner=Inner(gain_per_s=1.0, name="x"), topics={"/a.b": "c"})
    assert load(flatten(settings)) == settings


def test_entries_may_be_nested_or_dotted_or_both():
    expected = Settings(count=4, inner=Inner(gain_per_s=1.0, name="x"))
    assert load({"count": 4, "inner": {"gain_per_s": 1.0, "name": "x"}}) == expected
    assert load({"count": 4, "inner.gain_per_s": 1.0, "inner.name": "x"}) == expected
    assert load({"count": 4, "inner": {"name": "x"}, "inner.gain_per_s": 1.0}) == expected


def test_a_later_entry_counts_whichever_way_it_is_written():
    assert load({"inner": {"gain_per_s": 1.0}, "inner.gain_per_s": 2.0}).inner.gain_per_s == 2.0
    assert load({"inner.gain_per_s": 2.0, "inner": {"gain_per_s": 1.0}}).inner.gain_per_s == 1.0


def test_whole_numbers_stand_for_floats_lists_for_tuples_and_empty_texts_for_none():
    settings = load({"rate_hz": 5, "joints": [1, 2], "inner": {"name": ""}, "text": ""})
    assert settings == Settings(rate_hz=5.0, joints=(1.0, 2.0), text="")
    assert [type(number) for number in (settings.rate_hz, *settings.joints)] == [float] * 3


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"count": 2.5}, "file.yaml: count: expected int, got 2.5"),
        ({"count": True}, "file.yaml: count: expected int, got True"),
        ({"quick": 1}, "file.yaml: quick: expected bool, got 1"),
        ({"text": 1}, "file.yaml: text: expected str, got 1"),
        ({"mode": "medium"}, "file.yaml: mode: expected one of ['fast', 'slow'], got 'medium'"),
        ({"joints": 3.0}, "file.yaml: joints: expected a list, got 3.0"),
        ({"joints": "12"}, "file.yaml: joints: expected a list, got '12'"),
        ({"joints": ["a"]}, "file.yaml: joints: expected float, got 'a'"),
        ({"inner": 3}, "file.yaml: inner: expected entries gain_per_s, name, corner_m, got 3"),
        ({"inner.corner_m": [1.0]}, "file.yaml: inner.corner_m: expected 3 values, got [1.0]"),
        ({"topics": [1]}, "file.yaml: topics: expected names with values, got [1]"),
        ({"topics": {"/a": 1}}, "file.yaml: topics./a: expected str, got 1"),
        (
            {"rate_hz": "1e-3"},
            "file.yaml: rate_hz: expected float, got '1e-3'; YAML takes 1e-3 for a text, 1.0e-3 "
            "for a number",
        ),
        (
            {"inner": {"gain_per_s": -1.0}},
            "file.yaml: inner.gain_per_s: expected 0 or more, got -1.0",
        ),
        (
            {"rate": 5.0},
            "file.yaml: expected known entries, got rate; did you mean rate_hz?",
        ),
        (
            {"inner": {"gain": 5.0}},
            "file.yaml: expected known entries, got inner.gain; did you mean inner.gain_per_s?",
        ),
        (
            {"gain_per_s": 5.0},
            "file.yaml: expected known entries, got gain_per_s; did you mean inner.gain_per_s?",
        ),
        (
            {"text.more": "b"},
            "file.yaml: expected known entries, got text.more; did you mean text?",
        ),
        (
            {"zzz": 1, "yyy": 1},
            "file.yaml: expected known entries, got yyy, zzz; known: rate_hz, count, quick, text, "
            "mode, joints, topics, inner",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place_and_name(entries, said):
    with pytest.raises(ConfigError) as refusal:
        load(entries)
    assert str(refusal.value) == said


def test_an_entry_without_a_default_must_be_there():
    assert load({"magnitude": 1.0}, Demanding) == Demanding(magnitude=1.0)
    with pytest.raises(ConfigError, match=r"file.yaml: magnitude: expected an entry, got none"):
        load({}, Demanding)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_the_watchdog_cannot_be_set_to_a_time_that_never_comes(value):
    with pytest.raises(ConfigError, match="targets.max_age_s: expected a finite number"):
        settings_from(ControllerSettings, {"targets": {"max_age_s": value}}, source="file")


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_number_without_a_range_is_finite_all_the_same(value):
    with pytest.raises(ConfigError, match="workspace_max_m: expected a finite number"):
        entries = {"targets": {"workspace_max_m": [0.7, 0.4, value]}}
        settings_from(ControllerSettings, entries, source="file")
