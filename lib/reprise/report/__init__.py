"""Tables, figures and verdicts: made from results only, never from a computation."""
