"""Carries one sentence through its stages: PlanningLoop and its parts, executive to worker."""
