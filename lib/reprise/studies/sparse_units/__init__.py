"""Units of the sparse network study: timings of layers and networks, and small networks trained here."""
