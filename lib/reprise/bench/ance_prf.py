"""ANCE-PRF for all queries at once against pyserini's class, one query at a time, on one index and one CPU.

Two rows: from first-round results to new query vectors, and on to the second-round lists. The first is bound
by the transformer, where many queries at once gain little on a CPU; bfloat16 and PyTorch's own attention do.
The second reads the whole index for every query when they come one by one, and MS MARCO's is 22 times larger.

The encoder is a RoBERTa of MiniLM's size with ANCE's head and random weights, as fast as trained ones.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from reprise.bench.timing import compare_times

QUERIES, DOCUMENTS, WORDS, K, DEPTH = 96, 400_000, 20, 3, 1000
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
    precision: str | None = None,
) -> list[dict[str, Any]]:
    """The two rows; the store holds the passages that feedback reads, of as many tokens as MS MARCO's.

    Without a `precision` ours reads in the one that studies use on this processor.
    """
    import torch

    from reprise.experiment.precision import native_precision
    from reprise.retrieval.ance_prf_load import load_prf_encoder
    from reprise.retrieval.ance_prf_passages import PassagesInLucene
    from reprise.retrieval.ance_prf_search import encode_feedback
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.lucene import build_index

    generator = np.random.default_rng(0)
    ids, query_ids = [f"d{i}" for i in range(documents)], [f"q{i}" for i in range(queries)]
    words = ["".join(generator.choice(list("abcdefghijklmnopqrstuvwxyz"), 2)) for _ in range(400)]
    asked = [" ".join(generator.choice(words, 6)) for _ in query_ids]
    with tempfile.TemporaryDirectory() as folder:
        make_ance_checkpoint(f"{folder}/ance", size=size, layers=layers)
        vectors = generator.standard_normal((documents, 768), dtype=np.float32)
        DenseIndex.from_vectors(ids, vectors).save(f"{folder}/dense")
        del vectors
        index = DenseIndex.open(f"{folder}/dense")
        around = generator.standard_normal((queries, 768), dtype=np.float32)
        first = index.search(query_ids, around, K)
        read = sorted({document for row in first.top(K) for document in row})
        passages = ({"id": i, "contents": " ".join(generator.choice(words, WORDS))} for i in read)
        build_index(passages, f"{folder}/lucene", "JsonCollection", "-storeRaw")
        from pyserini.encode import AnceQueryEncoder
        from pyserini.search.faiss import DenseVectorAncePrf, FaissSearcher, PrfDenseSearchResult
        from pyserini.search.lucene import LuceneSearcher

        precision = precision or native_precision()
        store = PassagesInLucene(f"{folder}/lucene")
        load_prf_encoder("ance", checkpoint=f"{folder}/ance").save(f"{folder}/kept")
        encoder = load_prf_encoder(f"{folder}/kept", precision=precision)
        searcher = FaissSearcher(f"{folder}/dense", query_encoder=None)
        peer = DenseVectorAncePrf(AnceQueryEncoder(f"{folder}/ance"), LuceneSearcher(f"{folder}/lucene"))
        found = [[PrfDenseSearchResult(d, 0.0, None) for d in row] for row in first.top(K)]

        def ours_read() -> np.ndarray:
            return encode_feedback(encoder, asked, first, store, K)

        def peer_read() -> list[np.ndarray]:
            with torch.inference_mode():  # pyserini does not, and would keep what only training needs
                return [peer.get_prf_q_emb(q, top) for q, top in zip(asked, found, strict=True)]

        def ours_whole() -> Any:
            return index.search(query_ids, ours_read(), DEPTH, threads=torch.get_num_threads())

        def peer_whole() -> Any:
            with torch.inference_mode():
                return [
                    searcher.search(peer.get_prf_q_emb(q, top), DEPTH, threads=torch.get_num_threads())
                    for q, top in zip(asked, found, strict=True)
                ]

        exact = load_prf_encoder(f"{folder}/kept")
        if not np.allclose(encode_feedback(exact, asked, first, store, K), np.vstack(peer_read()), atol=1e-3):
            raise AssertionError("ours and pyserini's query vectors differ: the times compare nothing")
        about = f"{queries} queries, k {K}, RoBERTa {layers} x {size}, {precision}"
        return [
            compare_times("ance-prf reading", ours_read, peer_read, f"{about}; one by one there", repeats),
            compare_times(
                "ance-prf reading and search",
                ours_whole,
                peer_whole,
                f"{about}, {documents:,} x 768 vectors; one by one there",
                repeats,
            ),
        ]
