"""Training or not: the artefact, its manifest, and a probability with reasons."""
