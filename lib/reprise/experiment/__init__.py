"""Units of work, store, manifest, notebook runner, executors: knows nothing of any paper."""
