"""The kinds of claim, one module each; every module says what "partly" means for its kind."""
