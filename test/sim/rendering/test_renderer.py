"""What the simulated D435 sees is where geometry says it is."""

import copy

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from bridge_ros.errors import CameraError
from bridge_ros.geometry.poses import compose, invert, transform_points
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.rendering.coarse_meshes import coarsen_meshes
from bridge_ros.sim.rendering.renderer import RgbdRenderer
from bridge_ros.sim.world import World

CORNERS = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T / 2


@pytest.fixture(scope="module")
def world():
    return World(make_scene("tabletop", 2))


@pytest.fixture(scope="module")
def true_depth(world):
    with RgbdRenderer(world, noise=None) as renderer:
        yield renderer


@pytest.fixture(scope="module")
def qpos(world):
    return world.new_data().qpos.copy()


def cubes(world):
    return [thing for thing in world.scene.objects if thing.shape == "cube"]


def test_cubes_are_seen_where_their_corners_project_to(world, true_depth, qpos):
    """The outline of the projected corners and the rendered pixels agree to half a pixel."""
    masks = true_depth.object_masks(qpos)
    size = world.intrinsics
    pixels = np.stack(np.meshgrid(np.arange(size.width), np.arange(size.height)), axis=-1)
    for cube in cubes(world):
        pose = compose(invert(world.optical_pose), cube.pose)
        corners = size.project(transform_points(pose, CORNERS * cube.size_m))
        sides = ConvexHull(corners).equations
        outside_px = (pixels @ sides[:, :2].T + sides[:, 2]).max(axis=-1)
        assert outside_px[masks[cube.name]].max() < 0.5
        assert masks[cube.name][outside_px < -0.5].all()


def test_every_pixel_of_a_cube_deprojects_onto_its_surface(world, true_depth, qpos):
    cloud = world.intrinsics.deproject_image(true_depth.render(qpos, 0.0).depth_m)
    for cube in cubes(world):
        seen = cloud[true_depth.object_masks(qpos)[cube.name]]
        own = transform_points(invert(cube.pose), transform_points(world.optical_pose, seen))
        distance = np.abs(own).max(axis=1) - cube.size_m[0] / 2
        assert np.abs(distance).max() < 2e-4
        assert len(seen) > 400


def test_the_table_s_top_is_the_plane_z_0(world, true_depth, qpos):
    cloud = world.intrinsics.deproject_image(true_depth.render(qpos, 0.0).depth_m)
    near = transform_points(world.optical_pose, cloud[440:].reshape(-1, 3))
    np.testing.assert_allclose(near[:, 2], 0.0, atol=1e-5)


def test_measured_depth_lies_around_the_true_one(world, true_depth, qpos):
    truth = true_depth.render(qpos, 0.0).depth_m
    with RgbdRenderer(world, seed=3) as renderer:
        measured = renderer.render(qpos, 12.5)
    known = measured.depth_m > 0.0
    assert 0.9 < known.mean() < 0.999
    assert abs(np.median((measured.depth_m - truth)[known])) < 5e-4
    assert measured.stamp_s == 12.5


def test_cubes_show_their_colour(world, true_depth, qpos):
    frame = true_depth.render(qpos, 0.0)
    masks = true_depth.object_masks(qpos)
    strongest = {"red": 0, "green": 1, "blue": 2}
    for colour, channel in strongest.items():
        mean = frame.rgb[masks[f"{colour} cube"]].mean(axis=0)
        assert mean.argmax() == channel
        assert mean[channel] > 2 * np.delete(mean, channel).max()


@pytest.mark.parametrize("seed", range(8))
def test_nothing_hides_an_object_from_the_camera(seed):
    """Each is seen as if it were alone, but for a tenth."""
    world = World(make_scene("tabletop", seed))
    qpos = world.new_data().qpos.copy()
    with RgbdRenderer(world, noise=None) as renderer:
        together = renderer.object_masks(qpos)
        for thing in world.scene.objects:
            alone = qpos.copy()
            for other in world.scene.objects:
                if other.name != thing.name:
                    start = int(world.model.joint(other.name).qposadr[0])
                    alone[start + 2] = -3.0
            whole = renderer.object_masks(alone)[thing.name].sum()
            assert whole > 500
            assert together[thing.name].sum() > 0.9 * whole


def test_hiding_what_is_out_of_view_changes_no_pixel(world, qpos):
    """The arm reaches into the image from above: culled or not, it must look the same."""
    reaching = qpos.copy()
    reaching[:7] = [0.2, 0.3, 0.0, -2.1, 0.0, 2.4, 0.785]
    with RgbdRenderer(world, noise=None) as culling, RgbdRenderer(world, noise=None) as drawing_all:
        drawing_all._hide_what_is_out_of_view = lambda: None
        for state in (qpos, reaching):
            one, other = culling.render(state, 0.0), drawing_all.render(state, 0.0)
            np.testing.assert_array_equal(one.rgb, other.rgb)
            np.testing.assert_array_equal(one.depth_m, other.depth_m)


def test_thinned_meshes_keep_their_shape_with_less_than_half_of_the_faces(world):
    model = copy.copy(world.model)
    cell_m = 0.002
    coarsen_meshes(model, cell_m)
    assert model.mesh_facenum.sum() < 0.5 * world.model.mesh_facenum.sum()
    for mesh in range(model.nmesh):
        extents = [extent_of(each, mesh) for each in (world.model, model)]
        np.testing.assert_allclose(extents[1], extents[0], atol=2 * cell_m)


def extent_of(model, mesh):
    """Bounding box of what is drawn of a mesh."""
    start, number = model.mesh_faceadr[mesh], model.mesh_facenum[mesh]
    used = model.mesh_face[start : start + number].ravel() + model.mesh_vertadr[mesh]
    return np.array([model.mesh_vert[used].min(axis=0), model.mesh_vert[used].max(axis=0)])


def test_a_state_of_another_world_is_refused(true_depth, qpos):
    with pytest.raises(CameraError, match="positions"):
        true_depth.render(qpos[:-1], 0.0)
    with pytest.raises(CameraError, match="finite"):
        true_depth.render(np.full_like(qpos, np.nan), 0.0)


def test_a_closed_renderer_says_so(world, qpos):
    renderer = RgbdRenderer(world)
    renderer.close()
    renderer.close()
    with pytest.raises(CameraError, match="closed"):
        renderer.render(qpos, 0.0)
