"""Compressing the vectors of a dense retriever: unsupervised codes, and codes learned with the encoder.

A method makes an index from document vectors (documents, dim) and is asked with *uncompressed* query
vectors (queries, dim). What is said of a method's cost is said of its own files: see `index.CompressedIndex`.
"""
