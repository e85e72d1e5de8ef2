"""Which nodes run, and what keeps them running."""
