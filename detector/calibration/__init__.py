"""How the utilisation prior is fitted to measured runs, and how honest its intervals are."""
