import pytest

from bridge_ros.errors import TargetRefusedError
from bridge_ros.hardware.width import checked_width


@pytest.mark.parametrize(("asked", "given"), [(0.05, 0.05), (-0.0005, 0.0), (0.1105, 0.11)])
def test_a_width_within_the_stroke_is_kept_and_rounding_forgiven(asked, given):
    assert checked_width(asked, 0.11) == given


@pytest.mark.parametrize("width_m", [-0.002, 0.112, float("nan"), float("inf")])
def test_any_other_width_is_refused(width_m):
    with pytest.raises(TargetRefusedError, match="width"):
        checked_width(width_m, 0.11)
