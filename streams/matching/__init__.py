"""Fits the points of screening to labelled names and measures how well names are found."""
