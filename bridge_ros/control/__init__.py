"""What may move the arm, and how: checks, limits, watchdog, and the state machine."""
