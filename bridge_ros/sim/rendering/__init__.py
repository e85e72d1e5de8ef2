"""What the simulated D435 sees: rendering without a display, and its depth noise."""
