"""Drivers of arms and grippers, behind small Protocols."""
