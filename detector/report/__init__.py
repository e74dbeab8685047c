"""The report as a document, and as text that a person reads."""
