"""Who owns and controls whom, and from where: shares, persons, headquarters, list hits."""
