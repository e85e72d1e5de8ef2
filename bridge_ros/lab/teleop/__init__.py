"""A person moves the arm: what a device says becomes targets."""
