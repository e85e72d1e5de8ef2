"""Bridge Thinking and Acting: a sentence becomes sparse 3D waypoints, and those become motion."""
