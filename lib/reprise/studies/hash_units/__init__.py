"""Units of work of the learning-to-hash study: a retriever trained on one domain, hashed, moved to others.

Roles in which units are needed: "collection", "base" (vectors of the uncompressed retriever), "model" (a
trained encoder), "teacher" (the cross-encoder), "queries" and "labels" (made for a domain), "codebook".
"""
