"""The command line: the Makefile is a skin over it."""
