import pytest

from bridge_ros.deployment import Deployment
from bridge_ros.errors import ConfigError
from bridge_ros.planner import small_planner
from bridge_ros.planner.backends import PlannerSettings, make_planner
from bridge_ros.planner.vlm.plan_log import PlanLogSettings
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings


@pytest.fixture
def no_model(monkeypatch):
    monkeypatch.setattr(small_planner, "resource_path", lambda _: small_planner.Path("/nowhere"))


def test_without_a_model_it_is_said_how_to_train_one(no_model):
    for start in (
        lambda: make_planner(PlannerSettings(backend="vlm")),
        lambda: Deployment(sim=True, planner="vlm"),
    ):
        with pytest.raises(ConfigError, match="expected a model in models/planner_small") as said:
            start()
        assert "bridge-ros annotate" in str(said.value)
        assert "bridge-ros train vlm" in str(said.value)


def test_the_backend_is_transformers_with_the_small_model_and_with_what_else_was_set(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    chosen = PlannerSettings(
        backend="vlm",
        transformers=TransformersSettings(coordinates="thousand", device="cpu", threads=1),
        log=PlanLogSettings(keep=3),
    ).with_small_model(str(tmp_path))
    assert (chosen.backend, chosen.log.keep) == ("transformers", 3)
    assert chosen.transformers == TransformersSettings(
        model=str(tmp_path), coordinates="auto", device="cpu", threads=1
    )
