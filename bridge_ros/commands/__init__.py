"""The verbs of `bridge-ros`, one a file."""
