"""Corrections go where geometry says, and leave alone what it does not determine."""

import pytest
import torch

from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes.contacts import Support, nearest_grasp, nearest_place
from bridge_ros.lab.scenes.grippers import umi_grippers
from bridge_ros.lab.scenes.objects import ACROSS, ANYWHERE, FACES, ROUND, Affordance

DOWN = torch.tensor([[0.0, 0.0, -1.0]])
POINTING_DOWN = matrix_from_rotvec(torch.tensor([[torch.pi, 0.0, 0.0]]))


def yaw(degrees):
    return matrix_from_rotvec(torch.tensor([[0.0, 0.0, degrees * torch.pi / 180]]))


def hand(x=0.0, y=0.0, z=0.02, turned=0.0):
    return Poses(torch.tensor([[x, y, z]]), yaw(turned) @ POINTING_DOWN)


def grasp(rough, closing, half, turned=0.0):
    grip = torch.tensor([half])
    afford = Affordance(torch.tensor([closing]), grip, torch.zeros(1), grip, torch.zeros(1, 2))
    placed = Poses(torch.tensor([[0.0, 0.0, half[2]]]), yaw(turned))
    found = nearest_grasp(rough, placed, afford, umi_grippers(1, grip.device), DOWN, torch.zeros(1))
    return found.poses.positions[0], found.poses.rotations[0], float(found.width_m)


def test_a_cube_is_taken_by_the_faces_that_are_nearest_to_the_fingers():
    position, rotation, width = grasp(hand(0.02, -0.01, turned=12.0), FACES, (0.02,) * 3, 30.0)
    assert position[:2].tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert torch.allclose(rotation, (yaw(30.0) @ POINTING_DOWN)[0], atol=1e-6)
    assert width == pytest.approx(0.04)


def test_a_cube_turned_by_a_quarter_gets_the_same_grasp():
    one = grasp(hand(0.01, 0.0, turned=10.0), FACES, (0.02,) * 3, 0.0)
    other = grasp(hand(0.01, 0.0, turned=10.0), FACES, (0.02,) * 3, 90.0)
    assert torch.allclose(one[0], other[0], atol=1e-6)
    assert torch.allclose(one[1], other[1], atol=1e-6)


def test_a_long_box_is_taken_where_the_guidance_wants_it_and_between_the_fingers():
    position, _, _ = grasp(hand(0.03, 0.015), FACES, (0.08, 0.02, 0.02))
    assert position[:2].tolist() == pytest.approx([0.03, 0.0], abs=1e-6)


def test_beyond_the_end_of_a_bar_the_grasp_moves_back_onto_it():
    position, _, _ = grasp(hand(0.09, 0.0), ACROSS, (0.08, 0.01, 0.01))
    assert float(position[0]) == pytest.approx(0.05)


@pytest.mark.parametrize("closing", [ROUND, ANYWHERE])
def test_a_round_thing_is_centred_but_not_turned(closing):
    position, rotation, _ = grasp(hand(0.02, 0.01, 0.03, turned=25.0), closing, (0.03,) * 3)
    assert position[:2].tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert torch.allclose(rotation, (yaw(25.0) @ POINTING_DOWN)[0], atol=1e-5)


def test_a_tilted_hand_is_set_upright_where_faces_ask_for_it():
    tilted = Poses(
        torch.tensor([[0.0, 0.0, 0.02]]),
        matrix_from_rotvec(torch.tensor([[0.2, 0.0, 0.0]])) @ POINTING_DOWN,
    )
    _, rotation, _ = grasp(tilted, FACES, (0.02,) * 3)
    assert rotation[:, 2].tolist() == pytest.approx([0.0, 0.0, -1.0], abs=1e-6)


@pytest.mark.parametrize("height", [-0.03, 0.0, 0.02, 0.05, 0.09])
def test_fingertips_stay_off_the_table_and_below_the_top(height):
    position, _, _ = grasp(hand(z=height), FACES, (0.02, 0.02, 0.02))
    tip = float(position[2]) - 0.008
    assert 0.0 < tip < 0.04 - 0.012


def test_too_wide_a_thing_is_no_grasp():
    grip = torch.tensor([[0.07, 0.07, 0.03]])
    afford = Affordance(torch.tensor([ROUND]), grip, torch.zeros(1), grip, torch.zeros(1, 2))
    placed = Poses(torch.zeros(1, 3), torch.eye(3)[None])
    found = nearest_grasp(
        hand(), placed, afford, umi_grippers(1, grip.device), DOWN, torch.zeros(1)
    )
    assert not bool(found.possible)


def place(rough, region, *, margin=0.004, low=0.001, high=0.006, held_half=(0.02, 0.02, 0.02)):
    held = Poses(torch.tensor([[0.0, 0.0, 0.005]]), POINTING_DOWN.transpose(-1, -2))
    support = Support(
        torch.tensor([[0.1, 0.0, 0.05]]),
        torch.eye(3)[None],
        torch.tensor([region]),
        torch.tensor([margin]),
        torch.tensor([low]),
        torch.tensor([high]),
    )
    found = nearest_place(rough, held, torch.tensor([held_half]), support)
    return found.poses.positions[0], found.poses.rotations[0]


def test_a_cube_goes_to_the_middle_of_a_cube_of_its_size():
    position, _ = place(hand(0.12, 0.015, 0.09), (0.02, 0.02))
    assert position[:2].tolist() == pytest.approx([0.1, 0.0], abs=1e-6)


def test_the_bottom_of_what_is_held_ends_just_above_the_surface():
    for height in (0.04, 0.075, 0.12):
        position, _ = place(hand(0.1, 0.0, height), (0.02, 0.02))
        bottom = float(position[2]) - 0.005 - 0.02
        assert 0.0509 < bottom < 0.0561


def test_on_a_large_surface_the_spot_of_the_guidance_stays():
    position, _ = place(hand(0.13, -0.02, 0.075), (0.2, 0.2))
    assert position[:2].tolist() == pytest.approx([0.13, -0.02], abs=1e-6)


def test_in_an_opening_only_what_comes_near_its_rim_is_moved():
    room = 0.07 - 0.02 - 0.012
    position, _ = place(hand(0.1 + 0.4 * room, 0.0, 0.075), (0.07, 0.07), margin=0.012)
    assert position[:2].tolist() == pytest.approx([0.1 + 0.4 * room, 0.0], abs=1e-6)
    position, _ = place(hand(0.16, 0.0, 0.075), (0.07, 0.07), margin=0.012)
    assert position[:2].tolist() == pytest.approx([0.1 + 0.5 * room, 0.0], abs=1e-6)


def test_what_hangs_askew_is_set_down_upright():
    askew = Poses(
        torch.tensor([[0.1, 0.0, 0.08]]),
        matrix_from_rotvec(torch.tensor([[0.15, -0.1, 0.0]])) @ POINTING_DOWN,
    )
    _, rotation = place(askew, (0.02, 0.02))
    assert float((rotation @ POINTING_DOWN[0].T)[2, 2]) == pytest.approx(1.0, abs=1e-6)
