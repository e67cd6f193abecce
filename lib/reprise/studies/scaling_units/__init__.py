"""Units of the scaling study."""
