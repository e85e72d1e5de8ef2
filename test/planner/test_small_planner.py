import numpy as np
import pytest

from bridge_ros.deploy.deployment import Deployment
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import transform_points
from bridge_ros.plan import GripperAction
from bridge_ros.planner import small_planner
from bridge_ros.planner.backends import make_planner
from bridge_ros.planner.vlm.plan_log import PlanLogSettings
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings
from bridge_ros.task.planner_settings import PlannerSettings


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


def test_the_shipped_model_grasps_what_the_sentence_names():
    """Development scenes; that it names the wrong thing in one of them is within its figures."""
    pytest.importorskip("transformers")
    from bridge_ros.planner.vlm.transformers_chat import TransformersChat
    from bridge_ros.planner.vlm.vlm_planner import VlmPlanner
    from bridge_ros.sim.registry import make_task
    from bridge_ros.sim.rendering.renderer import RgbdRenderer
    from bridge_ros.sim.world import World

    settings = TransformersSettings(model=small_planner.SMALL_PLANNER, device="cpu")
    planner = VlmPlanner(TransformersChat(settings))
    errors_m = []
    for seed in (1000, 1001, 1002):
        task = make_task("pick_up_toy", seed)
        world = World(task.scene, optical_pose=task.optical_pose)
        with RgbdRenderer(world, seed=seed) as renderer:
            frame = renderer.render(world.new_data().qpos, 0.0)
        plan = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, task.instruction, ())
        assert plan.gripper_action is GripperAction.CLOSE
        toy = next(thing for thing in task.scene.objects if thing.name.endswith("toy"))
        grasp = transform_points(world.optical_pose, plan.target_pose[None, :3])[0]
        errors_m.append(float(np.linalg.norm(grasp[:2] - toy.pose[:2])))
    assert np.median(errors_m) < 0.03
