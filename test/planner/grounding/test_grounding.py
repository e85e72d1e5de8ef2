import numpy as np
import pytest
from tabletop import Box, arm, basket, cube, render, to_world

from bridge_ros.errors import PlanError
from bridge_ros.language import ObjectQuery
from bridge_ros.planner.grounding.colours import colour_shares
from bridge_ros.planner.grounding.grounding_settings import GroundingSettings
from bridge_ros.planner.grounding.scene import see

SETTINGS = GroundingSettings()
OVERHEAD = {"eye": (0.75, 0.05, 1.0), "at": (0.48, 0.0, 0.0)}
SIDE = {"eye": (0.55, -0.85, 0.6), "at": (0.5, 0.0, 0.0)}
CUBES = [
    cube("red", 0.50, 0.10, yaw=0.3),
    cube("green", 0.55, -0.10),
    cube("blue", 0.60, 0.0, yaw=-0.6),
]


def look(boxes, **options):
    frame = render(boxes, **options)
    return see(frame.rgb, frame.depth_m, frame.intrinsics, SETTINGS)


def world_of(scene, seen, **camera):
    center = scene.table.to_camera(np.array([*seen.footprint.center, 0.0]))
    return to_world(center, **camera)


@pytest.mark.parametrize("camera", [{}, OVERHEAD, SIDE], ids=["facing", "overhead", "side"])
def test_cubes_are_found_named_and_measured_from_any_side(camera):
    scene = look([*CUBES, *basket("brown", 0.45, -0.28)], **camera)
    assert sorted(seen.name for seen in scene.objects) == [
        "blue cube",
        "brown basket",
        "green cube",
        "red cube",
    ]
    for box in CUBES:
        seen = scene.find(ObjectQuery(colour=box.colour, shape="cube"))
        assert np.linalg.norm(world_of(scene, seen, **camera)[:2] - [box.x, box.y]) < 0.005
        assert seen.top_m == pytest.approx(0.04, abs=0.004)
        assert seen.footprint.length_m == pytest.approx(0.04, abs=0.005)
        axis = scene.table.rotation @ [
            np.cos(seen.footprint.yaw_rad),
            np.sin(seen.footprint.yaw_rad),
            0.0,
        ]
        across = to_world(axis, **camera) - to_world(np.zeros(3), **camera)
        error = (np.arctan2(across[1], across[0]) - box.yaw) % (np.pi / 2)
        assert min(error, np.pi / 2 - error) < np.deg2rad(5)


def test_the_robot_is_no_object():
    scene = look([*CUBES, *arm(0.45, 0.0, 0.30)])
    assert scene.describe() == "a red cube, a blue cube and a green cube" or len(scene.objects) == 3


def test_what_hangs_in_the_air_is_no_object():
    held = Box("yellow", 0.45, -0.15, (0.04, 0.04, 0.04), z=0.12)
    assert "yellow cube" not in look([*CUBES, held]).describe()


def test_a_thing_half_hidden_behind_another_still_stands_there():
    wall = Box("brown", 0.60, 0.0, (0.03, 0.10, 0.07))
    scene = look([wall, Box("red", 0.545, 0.0, (0.045, 0.045, 0.10))])
    assert "red" in {seen.colour for seen in scene.objects}


def test_a_cube_on_another_is_a_thing_of_its_own():
    scene = look([cube("green", 0.5, 0.0), Box("red", 0.5, 0.0, (0.04, 0.04, 0.04), z=0.04)])
    top = scene.find(ObjectQuery(colour="red"))
    assert top.base_m == pytest.approx(0.04, abs=0.006)
    assert top.top_m == pytest.approx(0.08, abs=0.005)
    assert scene.find(ObjectQuery(colour="green")).base_m == 0.0


def test_a_basket_with_something_in_it_is_still_a_basket():
    inside = Box("purple", 0.45, -0.28, (0.07, 0.06, 0.05), z=0.006)
    scene = look([*CUBES, *basket("brown", 0.45, -0.28), inside])
    assert scene.find(ObjectQuery(shape="basket")).colour == "brown"
    assert "purple" in {seen.colour for seen in scene.objects}


def test_what_lies_under_another_thing_is_known_by_its_colour():
    scene = look([cube("green", 0.5, 0.0), Box("red", 0.5, 0.0, (0.04, 0.04, 0.04), z=0.04)])
    assert scene.describe() in ("a green thing and a red cube", "a red cube and a green thing")
    beneath = scene.find(ObjectQuery(colour="green", shape="cube"))
    assert (beneath.shape, beneath.carries) == ("cube", "red")
    assert np.linalg.norm(world_of(scene, beneath)[:2] - [0.5, 0.0]) < 0.008
    with pytest.raises(PlanError, match='"red toy": no such object'):
        scene.find(ObjectQuery(colour="red", shape="toy"))


BEHIND = [
    *(Box("yellow", 0.60, 0.03, (0.04, 0.04, 0.04), z=z) for z in (0.0, 0.04)),
    cube("blue", 0.53, 0.0),
]


def test_what_stands_half_behind_another_thing_is_known_by_its_colour():
    scene = look(BEHIND)
    assert "blue thing" in scene.describe()
    assert scene.find(ObjectQuery(colour="blue", shape="cube")).shape == "cube"


def test_a_shape_that_cannot_be_told_does_not_compete_with_one_that_can():
    scene = look([*BEHIND, cube("blue", 0.45, -0.25)])
    assert scene.find(ObjectQuery(colour="blue", shape="cube")).certain


def test_the_robots_foot_behind_its_fingers_is_no_object():
    foot = Box("white", 0.05, 0.0, (0.15, 0.15, 0.08))
    fingers = [Box("black", 0.30, y, (0.02, 0.03, 0.9), z=0.05) for y in (-0.06, 0.06)]
    assert "white" in look([*CUBES, foot]).describe()
    assert "white" not in look([*CUBES, foot, *fingers]).describe()


def test_absence_and_ambiguity_are_said_in_words():
    scene = look([*CUBES, cube("red", 0.45, -0.2)])
    with pytest.raises(PlanError, match='nothing is "purple"; seen: .*2 red cubes'):
        scene.find(ObjectQuery(colour="purple", shape="cube"))
    with pytest.raises(PlanError, match='nothing is "toy"'):
        scene.find(ObjectQuery(shape="toy"))
    with pytest.raises(PlanError, match='"red cube" fits 2 things'):
        scene.find(ObjectQuery(colour="red", shape="cube"))
    with pytest.raises(PlanError, match="fits 4 things.*say its colour"):
        scene.find(ObjectQuery(shape="cube"))
    with pytest.raises(PlanError, match="too alike in size"):
        scene.find(ObjectQuery(colour="red", size="large"))
    with pytest.raises(PlanError, match="nothing stands on the table"):
        look([]).find(ObjectQuery(colour="red"))


def test_larger_and_smaller_tell_like_things_apart():
    scene = look([cube("red", 0.5, 0.1, side=0.06), cube("red", 0.5, -0.1, side=0.04)])
    large = scene.find(ObjectQuery(colour="red", size="large"))
    small = scene.find(ObjectQuery(colour="red", size="small"))
    assert large.top_m > small.top_m + 0.015


def test_another_colour_and_shape_in_one_query_is_said():
    scene = look([cube("red", 0.5, 0.1), *basket("brown", 0.45, -0.2)])
    with pytest.raises(PlanError, match='"red basket": no such object; seen: '):
        scene.find(ObjectQuery(colour="red", shape="basket"))


def test_depth_without_a_table_is_refused():
    frame = render(CUBES)
    with pytest.raises(PlanError, match="too little depth"):
        see(frame.rgb, np.zeros_like(frame.depth_m), frame.intrinsics, SETTINGS)
    facing_wall = np.full_like(frame.depth_m, 1.0)
    with pytest.raises(PlanError, match="no table in view"):
        see(frame.rgb, facing_wall, frame.intrinsics, SETTINGS)


def test_noise_instead_of_depth_ends_in_a_plan_error_at_worst():
    frame = render(CUBES)
    noise = np.random.default_rng(0).uniform(0.0, 3.0, frame.depth_m.shape).astype(np.float32)
    try:
        see(frame.rgb, noise, frame.intrinsics, SETTINGS)
    except PlanError as error:
        assert "table" in str(error)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((200, 20, 20), "red"),
        ((120, 10, 12), "red"),
        ((240, 130, 20), "orange"),
        ((240, 210, 40), "yellow"),
        ((30, 140, 50), "green"),
        ((20, 190, 190), "cyan"),
        ((20, 50, 180), "blue"),
        ((110, 45, 155), "purple"),
        ((240, 90, 180), "pink"),
        ((130, 90, 50), "brown"),
        ((235, 235, 230), "white"),
        ((120, 122, 120), "grey"),
        ((20, 20, 22), "black"),
    ],
)
def test_colours_have_the_names_that_people_use(rgb, name):
    shares = colour_shares(np.full((50, 3), rgb, np.uint8))
    assert shares == {name: 1.0}
