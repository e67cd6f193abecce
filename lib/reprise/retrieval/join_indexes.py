"""Several flat indexes, one behind the other, as one: what encoding in shards ends with.

Vectors are copied file to file in pieces, so memory stays small however large the index (25 GB for MS MARCO).
The header is the one that faiss writes; only its two counts are set here.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.dense import DenseIndex

_COUNT = slice(8, 16)  # after the four letters of the kind and the dimension: the number of vectors
PIECE = 1 << 24
"""Bytes that are copied at once."""


def join_indexes(folders: Sequence[str | Path], target: str | Path) -> int:
    """Write the indexes in `folders` (see `DenseIndex.save`) as one to `target`; gives the number of vectors.

    Documents keep the order of the folders. Raises `InputError`, naming the folder, for an index of another
    dimension or kind, and for a document that stands in two of them.

    >>> import tempfile
    >>> at = tempfile.mkdtemp()
    >>> DenseIndex.from_vectors(["a"], np.array([[1, 0]])).save(f"{at}/0")
    >>> DenseIndex.from_vectors(["b"], np.array([[0, 1]])).save(f"{at}/1")
    >>> join_indexes([f"{at}/0", f"{at}/1"], f"{at}/all")
    2
    >>> DenseIndex.open(f"{at}/all").vectors(["b", "a"]).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    import faiss

    if not folders:
        raise InputError("there are no indexes to join")
    parts = [Path(folder) for folder in folders]
    opened = [DenseIndex.open(part) for part in parts]
    dim, total = opened[0].dim, sum(map(len, opened))
    header = bytearray(faiss.serialize_index(faiss.IndexFlatIP(dim)).tobytes())
    start = len(header)
    for part, index in zip(parts, opened, strict=True):
        if index.dim != dim or (part / "index").stat().st_size != start + 4 * dim * len(index):
            raise InputError(
                "an index does not fit the first one: flat indexes of one dimension can be joined",
                given=(str(part), index.dim, dim),
                remedy="encode all shards anew, with one encoder",
            )
    _refuse_repeats([index.doc_ids for index in opened], parts)
    header[_COUNT] = struct.pack("<q", total)
    header[-8:] = struct.pack("<Q", total * dim)  # faiss counts what it stores in floats

    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    with (target / ".index.tmp").open("wb") as out:
        out.write(header)
        for part in parts:
            with (part / "index").open("rb") as file:
                file.seek(start)
                while piece := file.read(PIECE):
                    out.write(piece)
    os.replace(target / ".index.tmp", target / "index")
    with (target / "docid").open("w", encoding="utf-8") as out:
        for index in opened:
            out.writelines(f"{document}\n" for document in index.doc_ids)
    return len(DenseIndex.open(target))


def _refuse_repeats(shards: list[np.ndarray], parts: list[Path]) -> None:
    ids = np.sort(np.concatenate(shards))
    repeats = ids[1:][ids[1:] == ids[:-1]]
    if len(repeats):
        held = [str(part) for part, shard in zip(parts, shards, strict=True) if repeats[0] in shard]
        raise InputError(
            f"document {str(repeats[0])!r} stands in the indexes twice", given=held, remedy="encode each once"
        )
