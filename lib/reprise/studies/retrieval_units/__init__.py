"""Units of work that every study of retrieval shares: collections, indexes, encoders, first-round runs.

They are keyed by what they do, not by who asks, so the second study on a collection finds them done.
"""
