"""Plots by name: each module draws one kind, `draw(results, published, **options) -> Figure`.

Published values are hollow and ours filled; a system has the same colour, marker and place in every figure.
"""
