"""Thins out a model's meshes to what a camera can resolve, so that rendering them costs less."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray


def coarsen_meshes(model: mujoco.MjModel, cell_m: float) -> None:
    """Merge vertices that share a cell of a grid, and drop the faces that vanish with that.

    The FR3's visual meshes have 240 000 faces, many of them smaller than a pixel. Use it on a model
    of the renderer's own, before its context is made: collision must not see thinned meshes.

    Args:
        model: changed in place.
        cell_m: edge of a cell; surfaces move by less than that.
    """
    for mesh in range(model.nmesh):
        first, count = int(model.mesh_vertadr[mesh]), int(model.mesh_vertnum[mesh])
        vertices = model.mesh_vert[first : first + count]
        start, number = int(model.mesh_faceadr[mesh]), int(model.mesh_facenum[mesh])
        faces = model.mesh_face[start : start + number]
        merged = _representatives(vertices, cell_m)[faces]
        corners = np.sort(merged, axis=1)
        real = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2])
        _, once = np.unique(corners, axis=0, return_index=True)
        kept = np.intersect1d(np.flatnonzero(real), once)
        for table in (model.mesh_facenormal, model.mesh_facetexcoord):
            table[start : start + len(kept)] = table[start : start + number][kept]
        model.mesh_face[start : start + len(kept)] = merged[kept]
        model.mesh_facenum[mesh] = len(kept)


def _representatives(vertices: NDArray[np.float32], cell_m: float) -> NDArray[np.int64]:
    """For each vertex `(N, 3)` the index of the one that stands for all in its cell."""
    cells = np.floor(vertices / cell_m).astype(np.int64)
    _, first, inverse = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first[inverse.ravel()], dtype=np.int64)
