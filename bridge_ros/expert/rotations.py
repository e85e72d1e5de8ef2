"""Rotations as torch tensors, batched: quaternion (xyzw), matrix, rotation vector, and 6D.

6D is the first two columns of the matrix, one after the other (Zhou et al. 2019, arXiv 1812.07035).
"""

from __future__ import annotations

import torch
from torch import Tensor


def matrix_from_quaternion(quaternion: Tensor) -> Tensor:
    """Unit quaternions `(…, 4)` xyzw to matrices `(…, 3, 3)`."""
    x, y, z, w = quaternion.unbind(-1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], -1),
        torch.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], -1),
        torch.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], -1),
    ]
    return torch.stack(rows, -2)


def matrix_from_rotvec(rotvec: Tensor) -> Tensor:
    """Rotation vectors `(…, 3)` [rad] to matrices `(…, 3, 3)`."""
    angle = rotvec.norm(dim=-1, keepdim=True)
    scale = torch.where(angle > 1e-6, torch.sin(angle / 2) / angle.clamp(min=1e-6), 0.5)
    return matrix_from_quaternion(torch.cat([rotvec * scale, torch.cos(angle / 2)], -1))


def rotvec_from_matrix(matrix: Tensor) -> Tensor:
    """Matrices `(…, 3, 3)` to rotation vectors `(…, 3)` [rad]; exact away from half turns."""
    axis = torch.stack(
        [
            matrix[..., 2, 1] - matrix[..., 1, 2],
            matrix[..., 0, 2] - matrix[..., 2, 0],
            matrix[..., 1, 0] - matrix[..., 0, 1],
        ],
        -1,
    )
    sine = axis.norm(dim=-1, keepdim=True) / 2
    cosine = (matrix.diagonal(dim1=-2, dim2=-1).sum(-1, keepdim=True) - 1) / 2
    angle = torch.atan2(sine, cosine)
    return axis * torch.where(sine > 1e-6, angle / (2 * sine.clamp(min=1e-6)), 0.5)


def six_from_matrix(matrix: Tensor) -> Tensor:
    """Matrices `(…, 3, 3)` to 6D `(…, 6)`."""
    return torch.cat([matrix[..., 0], matrix[..., 1]], -1)


def matrix_from_six(six: Tensor) -> Tensor:
    """6D `(…, 6)`, any two independent vectors, to the nearest matrices by Gram-Schmidt."""
    first = torch.nn.functional.normalize(six[..., :3], dim=-1)
    second = six[..., 3:] - (first * six[..., 3:]).sum(-1, keepdim=True) * first
    second = torch.nn.functional.normalize(second, dim=-1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], -1)
