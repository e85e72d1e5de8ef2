"""The things on and around the simulated table, as MJCF bodies."""
