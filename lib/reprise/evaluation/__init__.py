"""Measures, significance tests and reproducibility measures over runs and cells."""
