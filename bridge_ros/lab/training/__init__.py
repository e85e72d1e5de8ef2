"""Training of the action expert and the planner."""
