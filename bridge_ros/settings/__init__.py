"""Settings and the data that ships: where they lie, and how they are read."""
