"""Contacts in the rendered cell: does what was learnt from ray-cast clouds transfer?

The simulator's true state gives the keypoint, the same rules as in training its correction, and the
serving path the cloud: MuJoCo's depth, the D435's errors, CloudBuilder, crop, sampling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.expert.cloud_crop import crop_cloud, fill_up
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses, RawBatch
from bridge_ros.expert.rotations import matrix_from_quaternion, rotvec_from_matrix
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    look_at,
    pose_at,
    position_of,
    rotation_of,
)
from bridge_ros.lab.scenes.contacts import Support, nearest_grasp, nearest_place
from bridge_ros.lab.scenes.grippers import umi_grippers
from bridge_ros.lab.scenes.interaction_scenes import (
    GRASP,
    INTERACTIONS,
    PLACE,
    InteractionScene,
    roughen,
)
from bridge_ros.lab.scenes.objects import ACROSS, FACES, Affordance
from bridge_ros.lab.scenes.random_draws import RandomDraws, stream
from bridge_ros.lab.scenes.scene_settings import SceneSettings
from bridge_ros.lab.scenes.solids import Solids
from bridge_ros.lab.training.contact_moments import ContactMoments
from bridge_ros.lab.training.contact_paths import fit_contact_paths
from bridge_ros.lab.training.correction_error import NEAR_CONTACT, CorrectionSamples, join_samples
from bridge_ros.perception import CloudBuilder, CloudSettings
from bridge_ros.sim.arm_placing import place_arm

if TYPE_CHECKING:
    from bridge_ros.sim.world import World

FIRST_SEED = 3000
"""Scenes from this seed on are for this test alone."""

_BASKET_WALL_M = 0.005
_TOY_BARREL = ((0.030, 0.021, 0.021), (-0.008, 0.0, 0.004))
_OPENING_M = 0.105


class _Contact(NamedTuple):
    """What is grasped, or held and put down: names in the scene, and the kind of contact."""

    interaction: int
    thing: str
    support: str


def render_contacts(
    config: ExpertConfig, scenes: int, *, first_seed: int = FIRST_SEED
) -> CorrectionSamples:
    """Grasps of cubes and of the toy, stacking, and the toy into the basket, in rendered scenes."""
    from bridge_ros.sim.registry import make_scene
    from bridge_ros.sim.rendering.renderer import RgbdRenderer
    from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE
    from bridge_ros.sim.world import World

    paths = fit_contact_paths(40, first_seed, period_s=config.control_period_s)
    moments = ContactMoments(paths, config, NEAR_CONTACT)
    parts = []
    for seed in range(first_seed, first_seed + scenes):
        rng = np.random.default_rng([seed, 1])
        optical_pose = CAMERA_OPTICAL_POSE
        if seed % 2:
            azimuth, elevation = rng.uniform(-1.6, 1.6), rng.uniform(0.5, 1.1)
            away = [np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation)]
            offset = rng.uniform(0.7, 1.1) * np.array([*away, np.sin(elevation)])
            optical_pose = look_at(np.array([0.48, 0.0, 0.0]) + offset, (0.48, 0.0, 0.0))
        world = World(make_scene("tabletop", seed), optical_pose=optical_pose)
        with RgbdRenderer(world, seed=seed) as renderer:
            parts += _contacts_of(world, renderer, moments, config, seed)
    return join_samples(parts)


def _contacts_of(
    world: World, renderer: Any, moments: ContactMoments, config: ExpertConfig, seed: int
) -> list[CorrectionSamples]:
    names = [thing.name for thing in world.scene.objects]
    cubes = [name for name in names if name.endswith("cube")]
    contacts = [
        _Contact(GRASP, cubes[0], ""),
        _Contact(GRASP, cubes[1], ""),
        _Contact(GRASP, "toy", ""),
        _Contact(PLACE, cubes[0], cubes[1]),
        _Contact(PLACE, "toy", "basket"),
    ]
    draw = RandomDraws(len(contacts), torch.Generator().manual_seed(stream(FIRST_SEED, seed)))
    scene = _interaction_scene(world, contacts, draw)
    path = moments.choose_paths(scene, draw)
    moment = moments.at(scene, moments.choose_instants(scene, path, draw))
    hand = moments.choose_hands(moment, draw)
    builder = CloudBuilder(CloudSettings())
    samples = []
    for row, contact in enumerate(contacts):
        width = float(scene.width_before_m[row])
        pose = _pose(hand, row)
        data = world.new_data()
        if not place_arm(world, data, pose):
            continue
        world.set_gripper_width(data, width)
        if contact.interaction == PLACE:
            held = compose(pose, _pose(scene.in_hand, row))
            data.joint(contact.thing).qpos[:] = [*position_of(held), held[6], *held[3:6]]
        frame = renderer.render(data.qpos, stamp_s=0.0)
        cloud = builder.build(frame.depth_m, frame.intrinsics, world.optical_pose)
        centre = moment.guidance.positions[row, -1].numpy()
        cloud = crop_cloud(cloud, centre, config, seed=seed)
        if len(cloud) == 0:
            continue
        points = fill_up(cloud, config.point_count)
        samples.append(_sample(scene, moment.guidance, moment.widths, hand, points, row))
    return samples


def _sample(
    scene: InteractionScene,
    guidance: Poses,
    widths: Tensor,
    hand: Poses,
    points: np.ndarray,
    row: int,
) -> CorrectionSamples:
    part = slice(row, row + 1)
    zeros = torch.zeros(1, 1)
    error = Poses(scene.true.positions[part], scene.true.rotations[part]).local(
        Poses(scene.rough.positions[part], scene.rough.rotations[part])
    )
    raw = RawBatch(
        ee=Poses(hand.positions[part], hand.rotations[part]),
        guidance=Poses(guidance.positions[part], guidance.rotations[part]),
        guidance_widths=widths[part],
        width=scene.width_before_m[part, None],
        joints=zeros.expand(-1, 7),
        joints_mask=zeros,
        points=torch.from_numpy(np.ascontiguousarray(points))[None],
        points_mask=torch.ones(1, 1),
    )
    correction = torch.cat([error.positions, rotvec_from_matrix(error.rotations)], 1)
    return CorrectionSamples(raw, correction, [INTERACTIONS[int(scene.interaction[row])]])


def _interaction_scene(
    world: World, contacts: list[_Contact], draw: RandomDraws
) -> InteractionScene:
    """The same description that procedural scenes have, from the simulator's true state."""
    settings = SceneSettings()
    size = len(contacts)
    gripper = umi_grippers(size, draw.device)
    things = [world.scene.object(contact.thing) for contact in contacts]
    toys = torch.tensor([thing.shape == "toy" for thing in things])
    half = torch.tensor([thing.size_m for thing in things], dtype=torch.float32) / 2
    grip = torch.where(toys[:, None], torch.tensor(_TOY_BARREL[0]), half)
    shift = torch.where(toys[:, None], torch.tensor(_TOY_BARREL[1]), 0.0)
    placed = _stack([thing.pose for thing in things])
    barrel = Poses(
        placed.positions + (placed.rotations @ shift[..., None])[..., 0], placed.rotations
    )
    zeros = torch.zeros(size)
    afford = Affordance(torch.where(toys, ACROSS, FACES), grip, zeros, half, torch.zeros(size, 2))
    down = torch.tensor([[0.0, 0.0, -1.0]]).expand(size, 3)
    facing = torch.tensor(Rotation.from_euler("x", np.pi).as_matrix(), dtype=torch.float32)
    over = Poses(barrel.positions, facing.expand(size, 3, 3))
    grasp = nearest_grasp(over, barrel, afford, gripper, down, zeros)
    in_hand = placed.local(grasp.poses)
    support = _supports(world, contacts)
    resting = Poses(
        support.position - (facing @ in_hand.positions[..., None])[..., 0], over.rotations
    )
    place = nearest_place(resting, in_hand, half, support)
    placing = torch.tensor([contact.interaction == PLACE for contact in contacts])[:, None]
    true = _where(placing, place.poses, grasp.poses)
    long = torch.where(placing[:, 0], 0.0, 0.8 * grip[:, :2].amax(-1))
    rough = roughen(settings, true, long, draw)
    again = nearest_grasp(rough, barrel, afford, gripper, down, zeros)
    true = _where(placing, nearest_place(rough, in_hand, half, support).poses, again.poses)
    opening = torch.full((size,), _OPENING_M)
    closed = torch.where(placing[:, 0], again.width_m, opening)
    return InteractionScene(
        interaction=torch.where(placing[:, 0], PLACE, GRASP),
        family=torch.zeros(size, dtype=torch.long),
        still=Solids.empty(size, 1, draw.device),
        thing=Solids.empty(size, 1, draw.device),
        thing_pose=placed,
        in_hand=in_hand,
        held=placing[:, 0],
        gripper=gripper,
        width_before_m=closed,
        width_after_m=torch.where(placing[:, 0], opening, again.width_m),
        told_before_m=torch.where(placing[:, 0], 0.0, opening),
        told_after_m=torch.where(placing[:, 0], opening, 0.0),
        true=true,
        rough=rough,
        usable=torch.ones(size, dtype=torch.bool),
    )


def _supports(world: World, contacts: list[_Contact]) -> Support:
    positions, rotations, regions, limits = [], [], [], []
    for contact in contacts:
        under = world.scene.object(contact.support or contact.thing)
        basket = under.shape == "basket"
        top = np.array(position_of(under.pose)) + [0.0, 0.0, under.size_m[2] / 2]
        inner = np.array(under.size_m[:2]) / 2 - (_BASKET_WALL_M if basket else 0.0)
        positions.append(top)
        rotations.append(rotation_of(under.pose).as_matrix())
        regions.append(inner)
        limits.append((0.012, -0.030, 0.015) if basket else (0.004, 0.001, 0.006))
    margin, low, high = _float(np.array(limits)).T
    return Support(
        _float(np.array(positions)), _float(np.array(rotations)), _float(np.array(regions)),
        margin, low, high,
    )  # fmt: skip


def _stack(poses: list[FloatArray]) -> Poses:
    if not poses:
        raise ConfigError("rendered contacts: expected objects in the scene, got none")
    values = _float(np.array(poses))
    return Poses(values[:, :3], matrix_from_quaternion(values[:, 3:]))


def _pose(poses: Poses, row: int) -> FloatArray:
    rotation = Rotation.from_matrix(poses.rotations[row].double().numpy())
    return pose_at(poses.positions[row].double().numpy(), rotation)


def _where(mask: Tensor, one: Poses, other: Poses) -> Poses:
    return Poses(
        torch.where(mask, one.positions, other.positions),
        torch.where(mask[..., None], one.rotations, other.rotations),
    )


def _float(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values).float()
