"""Episodes: generation, storage, annotation."""
