"""Bytes and checksums of what is fetched, as its publishers give them; bytes of checkpoints by architecture.

Indexes: pyserini 1.6.0 ("size compressed"); unpacked they are a little larger, and their folders end with
the checksum. Collections: the table that comes with ir_datasets. The model hub checks what it sends itself;
its weights are four bytes each, so the architecture tells their size.
"""

from __future__ import annotations

import importlib.util
import json
import re
from functools import lru_cache
from pathlib import Path

INDEXES = {
    "msmarco-v1-passage": (2_170_758_745, "678876e8c99a89933d553609a0fd8793"),
    "msmarco-v1-passage.unicoil": (1_161_033_793, "f926bd3e17d210ff041f880d27bdcd6f"),
    "msmarco-v1-passage.ance": (25_102_344_926, "e6cf0c1011200af81fd53aa7c5ce9414"),
    "msmarco-v1-passage.tct_colbert-v2-hnp": (25_225_526_400, "d22d0b6b32f156088a10b0d54ecc1da2"),
    "msmarco-v1-passage.distilbert-dot-tas_b-b256": (25_162_329_450, "538546d5818527a51d87ce482e7a197e"),
}
"""Bytes and md5 of the archives."""

WEIGHTS = (
    (r"MiniLM-L-?6", 22_713_216),
    (r"distilbert|tas-b", 66_362_880),
    (r"t5-base", 222_903_552),
    (r"^castorini/ance", 124_645_632 + 768 * 769 + 2 * 768),  # RoBERTa, a linear layer and a LayerNorm
    (r"^castorini/(tct_colbert|unicoil)", 109_482_240),
)
"""Number of weights of the architectures that the papers' checkpoints have; the first pattern that fits."""


def collection_source(name: str) -> tuple[int, str, str] | None:
    """Bytes, md5 and place (below ir_datasets' folder) of the archive a collection comes in, if there is one.

    >>> collection_source("beir/scifact/test")
    (2816079, '5f7d1de60b170fc8027bb7898e2efca1', 'beir/scifact/source.zip')
    >>> collection_source("msmarco-passage/dev/small")
    (1057717952, '31644046b18952c1386cd4564ba2ae69', 'msmarco-passage/collectionandqueries.tar.gz')
    """
    family, _, rest = name.partition("/")
    table = _downloads().get(family, {})
    parts = rest.split("/")
    asked = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
    main = {"msmarco-passage": "collectionandqueries"}.get(family, "main")
    for key in (*asked, main):
        entry = table.get(key, {})
        if {"size_hint", "expected_md5", "cache_path"} <= entry.keys():
            return entry["size_hint"], entry["expected_md5"], f"{family}/{entry['cache_path']}"
    return None


def checkpoint_bytes(repository: str) -> int | None:
    """About what the weights of a checkpoint take; None for an architecture that is not known.

    >>> checkpoint_bytes("cross-encoder/ms-marco-MiniLM-L-6-v2") / 1e6
    90.852864
    """
    return next((4 * count for pattern, count in WEIGHTS if re.search(pattern, repository)), None)


@lru_cache(maxsize=1)
def _downloads() -> dict:
    """The table in the package, read without importing it: an import makes folders in the home folder."""
    package = importlib.util.find_spec("ir_datasets")
    return json.loads((Path(package.origin).parent / "etc" / "downloads.json").read_text(encoding="utf-8"))
