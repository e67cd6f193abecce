"""Tables, figures and the site: made from results only, never from a computation."""
