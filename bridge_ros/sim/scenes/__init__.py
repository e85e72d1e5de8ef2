"""Scenes that belong to no task: each a small file that lays out objects and light from a seed."""
