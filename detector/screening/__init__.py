"""Names and identifiers of our parties held against sanctions and export lists; never clears."""
