"""Carries one sentence through its stages: executive, gate, rest and worker."""
