"""ActionExpert: the policy behind two calls, `from_pretrained` and `predict`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bridge_ros.errors import CheckpointError, ObservationError
from bridge_ros.expert.checkpoint import load_checkpoint, save_checkpoint
from bridge_ros.expert.cloud_crop import crop_cloud
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.observation import ActionChunk, Observation
from bridge_ros.expert.observation_check import CheckedObservation, check_observation
from bridge_ros.expert.processor import Poses, Processor, RawBatch
from bridge_ros.geometry.poses import FloatArray, position_of, quaternion_of, rotation_of
from bridge_ros.perception.points import check_points
from bridge_ros.settings.resources import resource_path


class ActionExpert:
    """The conditional diffusion policy (paper, section 3.2): EE-relative inside, SE(3) outside.

    The same observation always gives the same chunk. Not thread-safe: use it from one thread.
    """

    def __init__(self, network: ActionExpertNetwork, *, device: str = "cpu", seed: int = 0) -> None:
        self._device = torch.device(device)
        self._network = network.to(self._device).eval()
        self._processor = Processor(network.config)
        self._diffusion = Diffusion(network.config).to(self._device)
        self._seed = seed

    @classmethod
    def from_pretrained(
        cls, path: str | Path, *, device: str = "cpu", seed: int = 0
    ) -> ActionExpert:
        """Load a checkpoint folder; a relative path is also looked for in the package's data.

        Args:
            device: where the network runs: "cpu", "cuda", "cuda:1".
            seed: of the sampling noise, where the checkpoint's temperature is not 0.

        Raises:
            CheckpointError: if the folder is not a whole checkpoint.
            ConfigError: if nothing is there.
        """
        network = load_checkpoint(resource_path(path))
        try:
            return cls(network, device=device, seed=seed)
        except (RuntimeError, AssertionError) as error:
            raise CheckpointError(
                f"{path}: cannot be loaded on device {device!r}: {error}"
            ) from error

    @property
    def config(self) -> ExpertConfig:
        """Shapes and units; `config.guidance_steps` poses of guidance are used at most."""
        return self._network.config

    @property
    def processor(self) -> Processor:
        """The transform chain, the same that training uses."""
        return self._processor

    def save_pretrained(self, folder: str | Path) -> None:
        """Write `config.json` and `model.safetensors`."""
        save_checkpoint(Path(folder), self._network)

    def warm_up(self) -> None:
        """Run the whole path a few times, so that the first real prediction is not a slow one."""
        rng = np.random.default_rng(0)
        pose = np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
        observation = Observation(
            ee_pose=pose,
            joint_positions=None,
            gripper_width=0.05,
            guidance_poses=np.tile(pose, (self.config.guidance_steps, 1)),
            guidance_widths=np.full(self.config.guidance_steps, 0.05),
            points=(position_of(pose) + rng.uniform(-0.1, 0.1, (4096, 3))).astype(np.float32),
        )
        for _ in range(3):
            self.predict(observation)

    def points_seen(self, observation: Observation) -> NDArray[np.float32]:
        """The points `(P, 3)`, base frame, that a prediction would look at; maybe none."""
        checked = check_observation(observation, self.config)
        return self._crop(observation, checked)

    @torch.inference_mode()
    def predict(self, observation: Observation) -> ActionChunk:
        """The targets of the next H control steps.

        Raises:
            ObservationError: if the observation is malformed, too far from what the expert was
                trained for, or answered by something that must not be followed.
        """
        config = self.config
        checked = check_observation(observation, config)
        guidance = self._poses(checked.guidance_poses)
        widths = self._tensor(checked.guidance_widths)[None]
        points = self._crop(observation, checked) if config.sees_points else np.empty((0, 3))
        seen = len(points) > 0
        known_joints = config.sees_joints and checked.joint_positions is not None
        joints = checked.joint_positions if known_joints else np.zeros(7)
        knots = [0, *config.guidance_knots]
        raw = RawBatch(
            ee=self._poses(checked.ee_pose[None]).at(0),
            guidance=Poses(guidance.positions[:, knots], guidance.rotations[:, knots]),
            guidance_widths=widths[:, knots],
            width=self._tensor(np.array([[checked.gripper_width]])),
            joints=self._tensor(np.asarray(joints)[None]),
            joints_mask=self._tensor(np.array([[float(known_joints)]])),
            points=self._tensor(points)[None] if seen else None,
            points_mask=self._tensor(np.array([[float(seen)]])),
        )
        condition = self._network.encode(self._processor.encode(raw))
        generator = None
        if config.temperature > 0.0:
            generator = torch.Generator(self._device).manual_seed(self._seed)
        actions = self._diffusion.sample(self._network, condition, generator)
        steps = slice(1, config.horizon + 1)
        ahead = Poses(guidance.positions[:, steps], guidance.rotations[:, steps])
        poses, chunk_widths = self._processor.decode_actions(actions, ahead, widths[:, steps])
        return self._chunk(poses, chunk_widths.double().cpu().numpy()[0], checked)

    def _crop(self, observation: Observation, checked: CheckedObservation) -> NDArray[np.float32]:
        points = check_points(observation.points)
        centre = position_of(checked.guidance_poses[-1])
        return crop_cloud(points, centre, self.config, seed=self._seed)

    def _chunk(self, poses: Poses, widths: FloatArray, checked: CheckedObservation) -> ActionChunk:
        config = self.config
        positions = poses.positions.double().cpu().numpy()[0]
        matrices = poses.rotations.double().cpu().numpy()[0]
        guidance = checked.guidance_poses[1 : config.horizon + 1]
        if not (np.isfinite(positions).all() and np.isfinite(matrices).all()):
            raise ObservationError("the expert's answer is not finite; the checkpoint is unusable")
        rotations = Rotation.from_matrix(matrices)
        off_m = float(np.linalg.norm(positions - position_of(guidance), axis=1).max())
        turned = rotation_of(guidance).inv() * rotations
        off_rad = float(turned.magnitude().max())
        if (
            off_m > checked.offset_m + config.max_correction_m
            or off_rad > checked.offset_rad + config.max_correction_rad
        ):
            raise ObservationError(
                f"the expert's answer leaves its guidance by {off_m:.3f} m and {off_rad:.2f} rad: "
                f"expected at most {checked.offset_m + config.max_correction_m:.3f} m and "
                f"{checked.offset_rad + config.max_correction_rad:.2f} rad; not following it"
            )
        quaternions = rotations.as_quat()
        nearest = (quaternions * quaternion_of(guidance)).sum(1, keepdims=True) < 0
        quaternions = np.where(nearest, -quaternions, quaternions)
        return ActionChunk(
            poses=np.concatenate([positions, quaternions], axis=1),
            gripper_widths=np.maximum(widths, 0.0),
        )

    def _poses(self, poses: FloatArray) -> Poses:
        """Poses `(G, 7)` as tensors with a batch dimension: `(1, G, …)`."""
        rotations = rotation_of(poses).as_matrix()
        return Poses(self._tensor(position_of(poses))[None], self._tensor(rotations)[None])

    def _tensor(self, values: NDArray[np.floating]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(self._device)
