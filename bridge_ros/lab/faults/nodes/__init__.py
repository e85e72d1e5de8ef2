"""The deployment's own nodes around a device, a model or a clock that fails when told to."""
