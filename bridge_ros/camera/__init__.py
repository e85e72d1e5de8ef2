"""RGB-D frames and where they come from."""
