"""The toy: a study that knows nothing of any paper."""
