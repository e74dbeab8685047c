"""How well training in disguise is found: by the classifier alone, and by the whole line."""
