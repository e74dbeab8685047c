"""Work written by hand, in which the simulation has no part: what the classifier makes of it."""
