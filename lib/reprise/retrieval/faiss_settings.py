"""What faiss keeps in global variables, set for the length of a block and put back.

Threads: the last bits of sums depend on their number, so callers choose it, not the machine.

Matrix products: faiss 1.15 compares a batch of fewer than 128,000 values (166 queries of 768) with a flat
index one query after the other, reading the whole index for each. Its matrix product, which reads the index
once, is faster from a handful of queries on. With 100,000 vectors on one core a batch of 3,000 values takes
2.3 times as long without it by AVX-512 and 1.6 times by AVX2, and 96 queries 8 and 6 times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

BLAS_FROM = 3_000
"""Values in a batch of queries (queries x dimension) from which on faiss is to multiply matrices."""


@contextmanager
def use_faiss(threads: int) -> Iterator[None]:
    """Let faiss use this many threads, and matrix products for batches, inside the block.

    >>> import faiss
    >>> before = faiss.omp_get_max_threads()
    >>> with use_faiss(1):
    ...     faiss.omp_get_max_threads(), faiss.cvar.distance_compute_blas_threshold
    (1, 3000)
    >>> faiss.omp_get_max_threads() == before
    True
    """
    import faiss

    before = faiss.omp_get_max_threads(), faiss.cvar.distance_compute_blas_threshold
    faiss.omp_set_num_threads(threads)
    faiss.cvar.distance_compute_blas_threshold = BLAS_FROM
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before[0])
        faiss.cvar.distance_compute_blas_threshold = before[1]
