"""Reads sentences: words, things, and what is asked for."""
