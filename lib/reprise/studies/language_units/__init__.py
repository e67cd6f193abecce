"""Units on a causal language model: the model itself, made ready once, and what studies ask of it."""
