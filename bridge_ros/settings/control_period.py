"""How often targets are due."""

CONTROL_PERIOD_S = 0.05
"""20 Hz, for whatever has no checkpoint to ask; the expert's is its configuration's
`control_period_s`, and a loop with another period than that refuses to start."""
