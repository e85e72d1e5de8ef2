"""SE(3) poses, rotations, and the pinhole camera."""
