"""What stands around a contact is where it belongs."""

import torch

from bridge_ros.expert.processor import Poses
from bridge_ros.lab.scenes import objects as kinds
from bridge_ros.lab.scenes.layout import cups_around, yaw
from bridge_ros.lab.scenes.objects import make_objects
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import NOTHING

SIZE = 256


def cups_in_cups(family, share=1.0):
    draw = RandomDraws(SIZE, torch.Generator().manual_seed(0))
    thing = make_objects(torch.full((SIZE,), family), draw, widest_m=torch.full((SIZE,), 0.11))
    placed = Poses(draw.uniform(-0.3, 0.3, 3), yaw(draw.uniform(-3.0, 3.0)))
    return thing, placed, cups_around(thing, placed, share, draw)


def test_a_cup_stands_inside_the_one_around_it():
    thing, placed, around = cups_in_cups(kinds.CUP)
    aside = (around.positions[:, 0] - placed.positions)[:, :2].norm(dim=-1)
    inner = around.half[:, 0, 0] - around.wall[:, 0]
    assert (aside + thing.affordance.half[:, 0] <= inner + 1e-6).all()


def test_only_cups_stand_in_cups_and_not_all_of_them():
    _, _, around = cups_in_cups(kinds.BASKET)
    assert (around.kind == NOTHING).all()
    _, _, around = cups_in_cups(kinds.CUP, share=0.5)
    assert 0.3 < float((around.kind != NOTHING).float().mean()) < 0.7
