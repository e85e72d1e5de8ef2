"""The simulated devices in real time, each behind the protocol that the real one speaks."""
