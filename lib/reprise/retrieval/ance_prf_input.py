"""What an ANCE-PRF query encoder reads: the query and its feedback passages as one sequence of token ids.

Yu et al. 2021 (arXiv 2108.13454), section 3: start token, query, end token, passage 1, end token, ...,
passage k, end token. One end token stands between two parts, where RoBERTa's own pairs have two.

Left open by the paper, taken from the authors' code and here a field of `PrfForm`:

* A sequence that is too long keeps its first tokens and its closing end token (`keep_end`); pyserini cuts
  it and loses the end token.
* Text is lower-cased for RoBERTa, whose tokeniser keeps capitals. It is done to the text itself, because
  the tokeniser's flag does nothing under transformers 5 and says so nowhere (arXiv 2112.06400, Table 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprise.errors import InputError, ParameterError
from reprise.retrieval.encoders import refuse_empty
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class PrfForm:
    """How text becomes a sequence; limits count tokens, special ones included.

    `max_passage_tokens` cuts each passage (with the end token after it); None leaves it whole. `marker` is
    text before the query and `fill` fills the sequence up with mask tokens, in place of end tokens at its
    end: both are TCT-ColBERT's (ielab's code for arXiv 2112.06400). A query without feedback is filled up
    to `max_query_tokens`, as the retriever itself does it.

    >>> PrfForm(max_tokens=16, max_query_tokens=20)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    reprise.errors.ParameterError: max_tokens must hold a whole query (given: (16, 20)). To mend it: ...
    """

    max_tokens: int = 512
    max_query_tokens: int = 64
    max_passage_tokens: int | None = None
    lower_case: bool = False
    keep_end: bool = True
    marker: str = ""
    fill: bool = False

    def __post_init__(self) -> None:
        if self.max_query_tokens < 3:
            raise ParameterError(
                "max_query_tokens must leave room for a query between start and end token",
                given=self.max_query_tokens,
            )
        if self.max_tokens < self.max_query_tokens:
            raise ParameterError(
                "max_tokens must hold a whole query",
                given=(self.max_tokens, self.max_query_tokens),
                remedy="take an encoder that reads more, or cut queries shorter",
            )
        if self.max_passage_tokens is not None and self.max_passage_tokens < 2:
            raise ParameterError("max_passage_tokens must be at least 2", given=self.max_passage_tokens)


def build_inputs(
    tokenizer: PreTrainedTokenizerBase,
    queries: Sequence[str],
    passages: Sequence[Sequence[str]],
    form: PrfForm,
) -> list[list[int]]:
    """Token ids of each query with its passages, in rank order; a query may have none.

    Raises `InputError` for an empty query, and unless there is one list of passages for each query.
    """
    refuse_empty(queries, "query")
    if len(queries) != len(passages):
        raise InputError("there must be one list of passages a query", given=(len(queries), len(passages)))
    for place, texts in enumerate(passages):
        check_texts(texts, f"passage of query {place}:")
    asked = _token_ids(tokenizer, queries, form)
    read = _token_ids(tokenizer, [text for texts in passages for text in texts], form)
    marker = tokenizer.encode(form.marker, add_special_tokens=False) if form.marker else []
    sequences, place = [], 0
    for query, texts in zip(asked, passages, strict=True):
        sequences.append(_join(tokenizer, [*marker, *query], read[place : place + len(texts)], form))
        place += len(texts)
    return sequences


def pad_inputs(
    sequences: Sequence[Sequence[int]], pad_id: int, device: str = "cpu"
) -> dict[str, torch.Tensor]:
    """Token ids and attention mask, both (sequences, longest).

    >>> pad_inputs([[5, 6], [7]], 0)["input_ids"].tolist()
    [[5, 6], [7, 0]]
    """
    import torch

    longest = max(map(len, sequences))
    ids = torch.full((len(sequences), longest), pad_id)
    mask = torch.zeros((len(sequences), longest), dtype=torch.long)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}


def _token_ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], form: PrfForm) -> list[list[int]]:
    """Token ids of each text, without special tokens and not cut."""
    if not texts:
        return []
    given = [text.lower() for text in texts] if form.lower_case else list(texts)
    # verbose=False: a long passage is cut afterwards and no reason to warn
    return tokenizer(given, add_special_tokens=False, verbose=False)["input_ids"]


def _join(
    tokenizer: PreTrainedTokenizerBase, query: list[int], passages: list[list[int]], form: PrfForm
) -> list[int]:
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    passages = [p[: form.max_passage_tokens - 1] if form.max_passage_tokens else p for p in passages]
    if form.fill:
        sequence = [start, *query[: form.max_query_tokens - 1]]
        for passage in passages:
            sequence += [end, *passage]
        length = form.max_tokens if passages else form.max_query_tokens
        return [*sequence, *[tokenizer.mask_token_id] * length][:length]
    sequence = [start, *query[: form.max_query_tokens - 2], end]
    for passage in passages:
        sequence += [*passage, end]
    if len(sequence) <= form.max_tokens:
        return sequence
    return [*sequence[: form.max_tokens - 1], end] if form.keep_end else sequence[: form.max_tokens]
