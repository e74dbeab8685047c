"""The shell side of `make train`: labelled rows in, classifier artefact and honest scores out."""
