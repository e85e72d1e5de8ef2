import pytest

from bridge_ros.cli import VERBS
from bridge_ros.errors import ConfigError


@pytest.mark.parametrize(
    "given, expected",
    [([], "--robot-host"), (["--robot-host", "127.0.99.99", "--set", "mass"], "KEY=VALUE")],
)
def test_bench_arm_says_that_it_needs_a_robot_and_takes_entries(given, expected):
    bench, arguments = VERBS.parse(["bench", "arm", *given])
    with pytest.raises(ConfigError, match=expected):
        bench.run(arguments)
