"""The same devices as in `live`, on simulated time and in one process."""
