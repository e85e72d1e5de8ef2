import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_ros.errors import ConfigError
from bridge_ros.planner.vlm.coordinates import PixelMap, convention_of, smart_resize

SIZES = st.integers(8, 2000)
CONVENTIONS = st.sampled_from(["resized", "original", "thousand"])


@given(CONVENTIONS, SIZES, SIZES, SIZES, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_there_and_back_is_the_same_pixel(convention, w, h, rw, rh, x, y):
    mapping = PixelMap(
        convention=convention, width=w, height=h, resized_width=rw, resized_height=rh
    )
    pixel = np.array([x * (w - 1), y * (h - 1)])
    assert mapping.to_pixels(mapping.from_pixels(pixel)) == pytest.approx(pixel, abs=1e-6)


@pytest.mark.parametrize("convention", ["resized", "original", "thousand"])
def test_the_middle_is_the_middle_and_the_extent_is_within_the_image(convention):
    mapping = PixelMap(
        convention=convention, width=640, height=480, resized_width=644, resized_height=476
    )
    assert mapping.from_pixels([319.5, 239.5]) == pytest.approx(
        {"resized": [321.5, 237.5], "original": [319.5, 239.5], "thousand": [500, 500]}[convention]
    )
    u, v = mapping.to_pixels(mapping.extent)
    assert 638.5 <= u <= 639.5
    assert 478.5 <= v <= 479.5


@pytest.mark.parametrize(
    ("given_", "convention"),
    [
        ({"model_type": "qwen2_5_vl"}, "resized"),
        ({"declared": "thousand", "model_type": "qwen2_5_vl"}, "thousand"),
        ({"declared": "nonsense", "model_type": "qwen2_5_vl"}, "resized"),
        ({"model_type": "qwen3_vl"}, "thousand"),
        ({"name": "Qwen/Qwen2.5-VL-7B-Instruct-AWQ"}, "resized"),
        ({"name": "qwen3-vl:8b"}, "thousand"),
        ({"name": "OpenGVLab/InternVL3-8B"}, "thousand"),
    ],
)
def test_known_families_are_told_apart(given_, convention):
    assert convention_of("auto", **given_) == convention
    assert convention_of("original", **given_) == "original"


def test_an_unknown_family_is_not_guessed():
    with pytest.raises(ConfigError, match="resized, original, thousand in place of auto"):
        convention_of("auto", name="gpt-99")


@given(SIZES, SIZES, st.sampled_from([28, 32]))
def test_a_resized_image_stays_as_it_is_when_it_is_resized_again(w, h, factor):
    limits = {"factor": factor, "min_pixels": 56 * 56, "max_pixels": 1280 * factor**2}
    if max(w, h) / min(w, h) > 20:
        return
    once = smart_resize(w, h, **limits)
    assert once[0] % factor == once[1] % factor == 0
    assert limits["min_pixels"] <= once[0] * once[1] <= limits["max_pixels"]
    assert smart_resize(*once, **limits) == once
