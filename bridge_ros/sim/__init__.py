"""The simulated cell: one MuJoCo world behind the protocols of the real devices."""
