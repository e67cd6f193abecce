"""The method of the toy."""

FACTOR = 3.0


def scale(x):
    """Multiply by a constant."""
    return FACTOR * x  # a comment
