"""Commands, one module each: what it may be asked, and what it calls."""
