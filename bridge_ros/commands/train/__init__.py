"""The stages of `bridge-ros train`, one a file."""
