"""Test collections and image tasks: the only floor that reads files from outside the project."""
