"""Ray casting hits what is there, first things first."""

import pytest
import torch

from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import BOX, CYLINDER, ELLIPSOID, Solids, cast

EYE = torch.tensor([[0.0, 0.0, 1.0]])


def one(kind, half, position=(0.0, 0.0, 0.0), **more):
    solids = Solids.empty(1, 1, torch.device("cpu"))
    solids.set(0, kind, half, position, **more)
    return solids


def distance(solids, direction, eye=EYE):
    ray = torch.tensor(direction).view(1, 3, 1, 1)
    return float(cast(solids, eye, ray))


@pytest.mark.parametrize("kind", [BOX, CYLINDER, ELLIPSOID])
def test_a_ray_from_above_stops_at_the_top(kind):
    solids = one(kind, (0.03, 0.02, 0.05))
    assert distance(solids, (0.0, 0.0, -1.0)) == pytest.approx(0.95, abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "aside"), [(BOX, 0.0301), (CYLINDER, 0.0301), (ELLIPSOID, 0.0301)]
)
def test_a_ray_beside_it_goes_on_for_ever(kind, aside):
    solids = one(kind, (0.03, 0.03, 0.05))
    eye = torch.tensor([[aside, 0.0, 1.0]])
    assert distance(solids, (0.0, 0.0, -1.0), eye) == float("inf")


def test_what_is_behind_the_eye_is_not_hit():
    assert distance(one(BOX, (0.03, 0.03, 0.05)), (0.0, 0.0, 1.0)) == float("inf")


def test_a_turned_box_is_hit_where_its_face_is():
    turned = matrix_from_rotvec(torch.tensor([[0.0, 0.0, torch.pi / 4]]))
    solids = one(BOX, (0.1, 0.1, 0.1), rotation=turned)
    eye = torch.tensor([[1.0, 0.0, 0.0]])
    edge = 0.1 * 2**0.5
    assert distance(solids, (-1.0, 0.0, 0.0), eye) == pytest.approx(1.0 - edge, abs=1e-4)


@pytest.mark.parametrize("kind", [BOX, CYLINDER])
def test_one_looks_into_a_cup_down_to_its_floor(kind):
    cup = one(kind, (0.04, 0.04, 0.05), wall=0.004, floor=0.006)
    assert distance(cup, (0.0, 0.0, -1.0)) == pytest.approx(1.05 - 0.006, abs=1e-4)
    on_the_rim = torch.tensor([[0.038, 0.0, 1.0]])
    assert distance(cup, (0.0, 0.0, -1.0), on_the_rim) == pytest.approx(0.95, abs=1e-4)


def test_one_looks_through_a_ring_without_a_floor():
    ring = one(CYLINDER, (0.04, 0.04, 0.05), wall=0.004, floor=-1.0)
    assert distance(ring, (0.0, 0.0, -1.0)) == float("inf")


def test_the_far_wall_is_seen_from_inside_over_the_rim():
    cup = one(CYLINDER, (0.04, 0.04, 0.05), wall=0.004, floor=0.004)
    eye = torch.tensor([[0.3, 0.0, 0.35]])
    hit = eye[0] + distance(cup, (-1.0, 0.0, -1.0), eye) * torch.tensor([-1.0, 0.0, -1.0])
    assert hit[0] == pytest.approx(-0.036, abs=1e-4)
    assert -0.05 < hit[2] < 0.05


def test_the_nearest_of_two_solids_is_hit():
    near = one(BOX, (0.02, 0.02, 0.02), (0.0, 0.0, 0.3))
    far = one(BOX, (0.5, 0.5, 0.02))
    both = Solids.union(far, near)
    assert distance(both, (0.0, 0.0, -1.0)) == pytest.approx(0.68, abs=1e-5)


def test_sorting_rays_into_tiles_changes_no_hit():
    draw = RandomDraws(4, torch.Generator().manual_seed(5))
    solids = Solids.empty(4, 9, torch.device("cpu"))
    for slot in range(9):
        half = tuple(draw.uniform(0.005, 0.08, 3).T)
        position = tuple(draw.uniform(-0.15, 0.15, 3).T)
        turned = matrix_from_rotvec(draw.normal(3))
        solids.set(slot, (BOX, CYLINDER, ELLIPSOID)[slot % 3], half, position, turned)
    grid = torch.linspace(-0.2, 0.2, 16)
    x, y = torch.meshgrid(grid, grid, indexing="ij")
    rays = torch.stack([x, y, -torch.ones_like(x)])
    tiled = rays.view(3, 2, 8, 2, 8).transpose(2, 3).reshape(3, 4, 64).expand(4, 3, 4, 64)
    single = tiled.reshape(4, 3, 256, 1)
    eyes = EYE.expand(4, 3)
    together, alone = cast(solids, eyes, tiled).flatten(), cast(solids, eyes, single).flatten()
    hit = together.isfinite()
    assert torch.equal(hit, alone.isfinite())
    assert torch.allclose(together[hit], alone[hit], atol=1e-5)
    assert float(hit.float().mean()) > 0.2
