"""Pruned convolutional networks: how their weights become sparse, and kernels that are faster for it."""
