"""Clients of the running graph."""
