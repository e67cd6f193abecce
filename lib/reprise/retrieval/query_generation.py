"""Queries made from documents, for adapting to a domain without any of its queries.

Two generators with one interface, `generate(texts, per_document, seed)`:

* `Seq2SeqGenerator`: a sequence-to-sequence model that samples a query from a document (docTTTTTquery,
  Nogueira and Lin 2019; GenQ in BEIR). A released T5 opens the same way as one trained here on documents and
  their training queries, which starts from a BERT-like encoder twice (Rothe et al. 2020) with
  new cross-attention.
* `ExtractiveGenerator`: the sentences of a document whose vectors lie nearest to the document's own. No
  training and no invention, but also no words that the document does not have: the weaker stand-in.

How good either is must be measured, not assumed: see `token_overlap` and the round trip in the study.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.checkpoint import checkpoint_path
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch

    from reprise.retrieval.encoders import Encoder

ALIKE_WORDS, ALIKE_DOCUMENTS = 5, 3
"""Sentences that begin with the same five words in three documents are boilerplate ("Read more in ...")."""

MIN_WORDS, MAX_WORDS = 4, 16
"""Length of an extracted query in words: training queries of pydocs have ten on average."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\.|\.\. |-{3,}|={3,})|^\s*\w[\w, *]* : ", re.MULTILINE)
_WORD = re.compile(r"[a-z0-9]+")


class QueryGenerator(Protocol):
    """Makes queries; gives a list for every text, which is empty where a text yields none."""

    def generate(
        self, texts: Sequence[str], per_document: int, seed: int, progress: Progress | None = None
    ) -> list[list[str]]: ...


def split_sentences(text: str) -> list[str]:
    """Sentences of prose: lines of code, directives, underlines and parameter lists are left out.

    >>> split_sentences("Values are sorted. They may repeat.\\n\\n>>> f(1)\\n2\\n\\nx : int\\n    A number.")
    ['Values are sorted.', 'They may repeat.']
    """
    found = []
    for piece in _SENTENCE.split(text):
        words = piece.split()
        whole = words and not words[0][0].islower()  # else it is the rest of one that was cut at "e.g."
        if whole and len(words) >= MIN_WORDS - 1 and not _NOT_PROSE.search(piece):
            found.append(" ".join(words))
    return found


@dataclass(frozen=True)
class ExtractiveGenerator:
    """The sentences nearest to the document; the encoder reads both."""

    encoder: Encoder

    def generate(
        self, texts: Sequence[str], per_document: int, seed: int, progress: Progress | None = None
    ) -> list[list[str]]:
        """The `per_document` best sentences of each text, cut to `MAX_WORDS` words, best first.

        The seed changes nothing. Boilerplate is left out, see `ALIKE_WORDS`; a text without another sentence
        of at least `MIN_WORDS` words gives none.
        """
        _check(texts, per_document)
        sentences = [
            list(dict.fromkeys(" ".join(s.split()[:MAX_WORDS]) for s in split_sentences(text)))
            for text in texts
        ]
        often = Counter(begin for of_one in sentences for begin in {_beginning(s) for s in of_one})
        kept = [
            [s for s in of_one if len(s.split()) >= MIN_WORDS and often[_beginning(s)] < ALIKE_DOCUMENTS]
            for of_one in sentences
        ]
        flat = [s for of_one in kept for s in of_one]
        if not flat:
            return [[] for _ in texts]
        documents = self.encoder.encode_documents(texts, progress)
        vectors = self.encoder.encode_queries(flat, progress)
        queries, begin = [], 0
        for document, of_one in zip(documents, kept, strict=True):
            likeness = vectors[begin : begin + len(of_one)] @ document
            begin += len(of_one)
            queries.append([of_one[i] for i in np.argsort(-likeness, kind="stable")[:per_document]])
        return queries


@dataclass(frozen=True)
class Seq2SeqGenerator:
    """A sequence-to-sequence model and its tokenizer; sampling as in GenQ: top_k 25, top_p 0.95."""

    model: Any
    tokenizer: Any
    max_document_tokens: int = 96
    max_query_tokens: int = 64
    top_k: int = 25
    top_p: float = 0.95
    batch_size: int = 32
    threads: int | None = None
    device: str = "cpu"

    def generate(
        self, texts: Sequence[str], per_document: int, seed: int, progress: Progress | None = None
    ) -> list[list[str]]:
        """Sample `per_document` queries for each text; equal and empty ones are given once and not at all."""
        import torch

        _check(texts, per_document)
        queries: list[list[str]] = []
        starts = range(0, len(texts), self.batch_size)
        with torch.inference_mode(), use_threads(self.threads), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for start in progress(starts, total=len(starts)) if progress else starts:
                tokens = _tokens(
                    self.tokenizer,
                    texts[start : start + self.batch_size],
                    self.max_document_tokens,
                    self.device,
                )
                sampled = self.model.generate(
                    **tokens,
                    do_sample=True,
                    top_k=self.top_k,
                    top_p=self.top_p,
                    max_new_tokens=self.max_query_tokens,
                    num_return_sequences=per_document,
                )
                said = [s.strip() for s in self.tokenizer.batch_decode(sampled, skip_special_tokens=True)]
                for first in range(0, len(said), per_document):
                    queries.append([q for q in dict.fromkeys(said[first : first + per_document]) if q])
        return queries


def open_generator(
    name_or_folder: str | Path, *, threads: int | None = None, device: str = "cpu", **options: Any
) -> Seq2SeqGenerator:
    """A sequence-to-sequence generator by name or from a folder; `EnvironmentNotReady` when there is none."""
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    path = checkpoint_path(name_or_folder)
    try:
        model = AutoModelForSeq2SeqLM.from_pretrained(path).eval().to(device)
        tokenizer = AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:
        raise EnvironmentNotReady(
            f"no query generator can be loaded: {error}",
            given=str(name_or_folder),
            remedy="name a folder with config.json, weights and tokenizer",
        ) from error
    return Seq2SeqGenerator(model, tokenizer, threads=threads, device=device, **options)


def train_generator(
    start: str | Path,
    pairs: Sequence[tuple[str, str]],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    decoder_layers: int = 2,
    max_document_tokens: int = 96,
    max_query_tokens: int = 24,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train on (document, query) texts, from the encoder `start` on both sides; write the folder.

    The decoder keeps the first `decoder_layers` layers of `start`. Raises `InputError` for an empty text.
    """
    import torch
    from transformers import AutoTokenizer

    for document, query in pairs:
        if not document.strip() or not query.strip():
            raise InputError("a training pair of the generator has an empty text", given=(document, query))
    tokenizer = AutoTokenizer.from_pretrained(checkpoint_path(start))
    model = _two_encoders(start, tokenizer, decoder_layers)

    def loss(batch: Sequence[tuple[str, str]], generator: np.random.Generator) -> torch.Tensor:
        documents = _tokens(tokenizer, [d for d, _ in batch], max_document_tokens, settings.device)
        goal = _tokens(tokenizer, [q for _, q in batch], max_query_tokens, settings.device)
        words = goal["input_ids"]
        # the query begins with [CLS]: from each word the decoder is to say the next
        said = model(
            **documents,
            decoder_input_ids=words[:, :-1],
            decoder_attention_mask=goal["attention_mask"][:, :-1],
        )
        labels = words[:, 1:].masked_fill(goal["attention_mask"][:, 1:] == 0, -100)
        return torch.nn.functional.cross_entropy(said.logits.float().flatten(0, 1), labels.flatten())

    log = train(model, loss, pairs, settings, checkpoint_folder=checkpoint_folder, progress=progress)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return log


def token_overlap(said: str, meant: str) -> float:
    """F1 of the words of two texts, as ROUGE-1 without stemming.

    >>> round(token_overlap("sort the rows", "Sort rows by value."), 3)    # 2 of 3 and 2 of 4
    0.571
    """
    ours, theirs = Counter(_WORD.findall(said.lower())), Counter(_WORD.findall(meant.lower()))
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total()) if shared else 0.0


def _beginning(sentence: str) -> str:
    return " ".join(sentence.split()[:ALIKE_WORDS])


def _two_encoders(start: str | Path, tokenizer: Any, decoder_layers: int) -> Any:
    """An encoder-decoder whose new weights (cross-attention, head) come from a fixed seed."""
    import torch
    from transformers import EncoderDecoderModel

    path = checkpoint_path(start)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = EncoderDecoderModel.from_encoder_decoder_pretrained(
            path, path, decoder_num_hidden_layers=decoder_layers
        )
    model.config.decoder_start_token_id = tokenizer.cls_token_id
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.eos_token_id = tokenizer.sep_token_id
    model.generation_config.decoder_start_token_id = tokenizer.cls_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.generation_config.eos_token_id = tokenizer.sep_token_id
    return model


def _tokens(tokenizer: Any, texts: Sequence[str], limit: int, device: str) -> dict[str, Any]:
    tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=limit, return_tensors="pt")
    return {name: tokens[name].to(device) for name in ("input_ids", "attention_mask")}


def _check(texts: Sequence[str], per_document: int) -> None:
    check_texts(texts, "document")
    if not len(texts):
        raise InputError(
            "there are no documents to make queries from", remedy="an empty domain has no queries"
        )
    if per_document < 1:
        raise ParameterError("queries a document must be at least 1", given=per_document)
