"""A campaign that injects faults into a live simulated deployment, and judges what came of each."""
