"""Kinds of values that studies of retrieval share; see `reprise.experiment.values` for those of all."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from reprise.evaluation.measures import check_measure
from reprise.experiment.values import Name, Several
from reprise.retrieval.checkpoint import MINILM, check_name, known_size
from reprise.retrieval.encoders import PAPER_ENCODERS

Sparse = Literal["bm25", "unicoil"]

Measure = Annotated[Name, AfterValidator(lambda name: check_measure(name)[0])]

MAIN_MEASURE = "nDCG@10"


def _has_the_main_measure(measures: tuple[str, ...]) -> tuple[str, ...]:
    if MAIN_MEASURE not in measures:
        raise ValueError(f"{MAIN_MEASURE}, by which figures and tests go, must be among the measures")
    return measures


Measures = Annotated[Several[Measure], AfterValidator(_has_the_main_measure)]

Checkpoint = Annotated[Name, AfterValidator(lambda name: check_name(name))]
"""A transformer: a folder, a name on the model hub, or all-MiniLM-L6-v2."""

Encoder = Annotated[Name, AfterValidator(lambda name: check_name(name, (MINILM, *PAPER_ENCODERS)))]
"""A checkpoint, or one of the papers' released encoders."""

FeedbackDepth = Annotated[int, Field(ge=1, le=1000)]
"""Passages that feedback reads."""

MAX_TOKENS = 512
"""Length in tokens that the encoders were made for."""


def dimension_of(encoder: str) -> int | None:
    """The length of an encoder's vectors where it is known without loading it."""
    return (
        768 if encoder in PAPER_ENCODERS else known_size(encoder, "hidden_size", "dim")
    )  # all are base-size


def layers_of(encoder: str) -> int | None:
    """The number of an encoder's layers where it is known without loading it."""
    return None if encoder in PAPER_ENCODERS else known_size(encoder, "num_hidden_layers", "n_layers")
