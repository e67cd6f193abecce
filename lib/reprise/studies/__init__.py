"""One module a paper: its parameters, its units of work, its tables."""
