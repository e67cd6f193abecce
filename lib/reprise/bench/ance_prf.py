"""ANCE-PRF for all queries at once against pyserini's class, one query at a time, on one index and one CPU.

The encoder is a RoBERTa of MiniLM's size with ANCE's head and random weights, as fast as trained ones.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

QUERIES, DOCUMENTS, WORDS, K, DEPTH = 96, 20_000, 50, 3, 1000
SIZE, LAYERS = 384, 6


def make_ance_checkpoint(
    folder: str | Path, *, size: int = SIZE, layers: int = LAYERS, seed: int = 0
) -> None:
    """Write an ANCE checkpoint with random weights: RoBERTa over bytes, a linear head to 768 and LayerNorm.

    Each letter is a token, so texts are longer than with ANCE's own vocabulary.
    """
    import torch
    from transformers import RobertaConfig
    from transformers.models.roberta.tokenization_roberta import bytes_to_unicode

    from reprise.retrieval.java import start_java

    start_java()
    from pyserini.encode import AnceEncoder

    tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *bytes_to_unicode().values()]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AnceEncoder(
            RobertaConfig(
                vocab_size=len(tokens),
                hidden_size=size,
                num_hidden_layers=layers,
                num_attention_heads=max(size // 32, 1),
                intermediate_size=4 * size,
                max_position_embeddings=514,
                bos_token_id=0,
                pad_token_id=1,
                eos_token_id=2,
            )
        )
        for parameter in (*model.embeddingHead.parameters(), *model.norm.parameters()):
            torch.nn.init.normal_(parameter, mean=0.1, std=0.5)
    model.save_pretrained(folder)


def benchmark(
    queries: int = QUERIES,
    documents: int = DOCUMENTS,
    repeats: int = 3,
    size: int = SIZE,
    layers: int = LAYERS,
    precision: str = "bfloat16",
) -> list[dict[str, Any]]:
    """One row: from first-round results to second-round lists, with feedback texts, encoding and search."""
    import torch

    from reprise.retrieval.ance_prf_load import load_prf_encoder
    from reprise.retrieval.ance_prf_passages import PassagesInLucene
    from reprise.retrieval.ance_prf_search import encode_feedback
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.lucene import build_index

    generator = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    ids = [f"d{i}" for i in range(documents)]
    texts = ["".join(generator.choice(letters, 2)) + " " for _ in range(400)]
    passages = ["".join(generator.choice(texts, WORDS)) for _ in ids]
    vectors = generator.normal(size=(documents, 768)).astype(np.float32)
    asked = ["".join(generator.choice(texts, 6)).strip() for _ in range(queries)]
    query_ids = [f"q{i}" for i in range(queries)]
    with tempfile.TemporaryDirectory() as folder:
        make_ance_checkpoint(f"{folder}/ance", size=size, layers=layers)
        DenseIndex.from_vectors(ids, vectors).save(f"{folder}/dense")
        stored = ({"id": i, "contents": text} for i, text in zip(ids, passages, strict=True))
        build_index(stored, f"{folder}/lucene", "JsonCollection", "-storeRaw")
        from pyserini.encode import AnceQueryEncoder
        from pyserini.search.faiss import DenseVectorAncePrf, FaissSearcher, PrfDenseSearchResult
        from pyserini.search.lucene import LuceneSearcher

        index = DenseIndex.open(f"{folder}/dense")
        store = PassagesInLucene(f"{folder}/lucene")
        first = index.search(generator.normal(size=(queries, 768)).astype(np.float32), query_ids, K)
        encoder = load_prf_encoder("ance", checkpoint=f"{folder}/ance", precision=precision)
        searcher = FaissSearcher(f"{folder}/dense", query_encoder=None)
        peer = DenseVectorAncePrf(AnceQueryEncoder(f"{folder}/ance"), LuceneSearcher(f"{folder}/lucene"))
        found = [[PrfDenseSearchResult(d, 0.0, None) for d in row] for row in first.top(K)]

        def ours() -> Any:
            return index.search(encode_feedback(encoder, asked, first, store, K), query_ids, DEPTH)

        def peers() -> Any:
            with torch.inference_mode():  # pyserini does not, and would keep what only training needs
                return [
                    searcher.search(peer.get_prf_q_emb(query, candidates), DEPTH)
                    for query, candidates in zip(asked, found, strict=True)
                ]

        with torch.inference_mode():
            theirs = np.vstack(
                [peer.get_prf_q_emb(asked[0], found[0]), peer.get_prf_q_emb(asked[1], found[1])]
            )
        exact = load_prf_encoder("ance", checkpoint=f"{folder}/ance")
        mine = encode_feedback(exact, asked[:2], first.select(query_ids[:2]), store, K)
        if not np.allclose(mine, theirs, atol=1e-3):
            raise AssertionError("ours and pyserini's query vectors differ: the times compare nothing")
        size_text = f"{queries} queries, k {K}, {documents:,} x 768 vectors, RoBERTa {layers} x {size}"
        note = f"{size_text}, {precision}; against pyserini one query at a time"
        return [compare_times("ance-prf feedback and search", ours, peers, note, repeats)]
