"""Whether a subject passes a threshold of a pack: when, how surely, and when it will."""
