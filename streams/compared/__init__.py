"""The simulated series held against real ones: what they share and where they differ."""
