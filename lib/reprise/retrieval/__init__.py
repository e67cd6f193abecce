"""Retrieval methods in the field's own terms: they take and return arrays and runs, and write no files
except the indexes they are asked to write."""
