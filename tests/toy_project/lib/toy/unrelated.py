"""Nobody imports this."""

UNUSED = 1
