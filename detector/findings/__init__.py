"""Findings that no single subject gives: of several together, of lists, of what was not metered."""
