"""Closed-loop evaluation and benchmarks."""
