"""The cell's devices on simulated time, in one process."""
