"""Break the ownership arithmetic on purpose, one operator at a time, and see a test fail."""
