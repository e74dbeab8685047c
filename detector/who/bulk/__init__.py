"""Owners of many records at once, over arrays; what lies near a threshold is decided exactly."""
