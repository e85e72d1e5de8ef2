"""Episodes: written as MCAP files that survive what happens, read back, and exported."""
