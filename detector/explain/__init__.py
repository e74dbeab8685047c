"""How a total came about: a subject's cells and facts to a document, its text and its picture."""
