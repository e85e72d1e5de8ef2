"""Classical grounding: which objects stand on the table in one frame, and which one is meant."""
