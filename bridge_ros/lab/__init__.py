"""The workshop: whatever trains, measures, records or breaks the system."""
