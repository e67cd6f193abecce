"""The ledger: what a paper claims, and how far the numbers bear it out."""
