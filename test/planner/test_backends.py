import subprocess
import sys

import numpy as np
import pytest

from bridge_ros.deploy.choices import PLANNER_BACKENDS
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.planner.backends import BACKENDS, make_planner
from bridge_ros.planner.vlm.openai_chat import OpenAISettings
from bridge_ros.planner.vlm.plan_log import PlanLogSettings
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings
from bridge_ros.task.planner_settings import PlannerSettings

CAMERA = Intrinsics(width=640, height=480, fx=600.0, fy=600.0, cx=319.5, cy=239.5)
RGB, DEPTH = np.zeros((480, 640, 3), np.uint8), np.ones((480, 640), np.float32)


def test_a_deployment_offers_what_the_planner_has():
    assert tuple(sorted(BACKENDS)) == PLANNER_BACKENDS


def test_a_log_is_kept_only_where_one_is_wanted(tmp_path):
    for settings in (PlanLogSettings(folder=None), PlanLogSettings(folder=str(tmp_path / "log"))):
        planner = make_planner(PlannerSettings(backend="manual", log=settings))
        plan = planner.plan(RGB, DEPTH, CAMERA, "go", ())
        assert plan.subgoal == "go to a first place"
        assert (tmp_path / "log" / "index.html").exists() == (settings.folder is not None)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            PlannerSettings(backend="openai", openai=OpenAISettings(model="gpt-99")),
            "coordinates: it is not known how 'gpt-99'",
        ),
        (
            PlannerSettings(
                backend="transformers", transformers=TransformersSettings(model="config")
            ),
            "transformers",
        ),
    ],
)
def test_a_backend_that_cannot_work_refuses_to_start(settings, said):
    with pytest.raises(ConfigError, match=said):
        make_planner(settings)


def test_who_does_not_run_a_model_does_not_load_what_runs_them():
    program = (
        "import sys; import bridge_ros.planner.backends; "
        "print([name for name in ('torch', 'transformers', 'httpx2') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
