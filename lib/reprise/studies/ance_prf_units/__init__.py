"""Units of the ANCE-PRF study: training examples, query encoders, their vectors, what these find and cost."""
