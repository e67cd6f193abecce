"""How an ANCE-PRF query encoder is trained: the papers' settings as parameters, checked before any work."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from reprise.experiment.plain import read_model
from reprise.experiment.precision import Precision
from reprise.experiment.study import Parameters
from reprise.experiment.values import (
    BatchSize,
    Count,
    Depth,
    Name,
    Positive,
    Rate,
    Share,
    Tokens,
    Workers,
    misfit,
)
from reprise.studies.retrieval_units.collections import CollectionSpec


class PrfTraining(Parameters):
    """One training run; defaults are those of the embedded retrievers.

    The rate is the papers' own (by AdamW, where theirs is LAMB's); larger ones were worse on dev topics,
    where the pooling was chosen too.

    Examples come from `split` of `collection` (None: of the collection that is searched), from at most
    `max_queries` of its queries; their negatives are `mined` of the frozen retriever's first `depth`, and
    `negatives` of these are drawn at each step. `passage_tokens` cuts each feedback passage; `pooling` None
    is the retriever's own. `learning_rate` is that of the `optimiser`: LAMB's is a share of a weight's norm.
    `shards` splits the first round over the training queries, `processes` the batches, over GPUs with `gpu`.
    """

    collection: CollectionSpec | None = None
    split: Name = "train"
    max_queries: Count | None = 1024
    shards: Workers = 1
    depth: Depth = 1000
    mined: Depth = 100

    steps: Count = 24
    batch_size: BatchSize = 16
    accumulate: BatchSize = 1
    learning_rate: Rate = 1e-5
    optimiser: Literal["lamb", "adamw"] = "adamw"
    warmup: Share = 0.1
    weight_decay: Share = 0.0
    dropout: bool = False
    precision: Precision = "auto"
    checkpoint_every: Count = 12
    processes: Workers = 1
    gpu: bool = False

    negatives: Depth = 20
    in_batch: bool = False
    scale: Positive = 20.0
    head: Literal["inherited", "re-initialised"] = "inherited"

    pooling: Literal["first", "mean", "query", "after-marker"] | None = "query"
    passage_tokens: Tokens | None = 48

    @model_validator(mode="after")
    def _fits(self) -> PrfTraining:
        if self.batch_size % self.accumulate:
            raise misfit("accumulate", f"must divide batch_size, {self.batch_size}", self.accumulate)
        if (self.batch_size // self.accumulate) % self.processes:
            part = self.batch_size // self.accumulate
            raise misfit("processes", f"must divide the {part} examples of a part of a batch", self.processes)
        if self.negatives > self.mined:
            raise misfit(
                "negatives", f"are drawn from those mined, so must be at most {self.mined}", self.negatives
            )
        if self.mined > self.depth:
            raise misfit(
                "mined", f"are taken from the first depth, so must be at most {self.depth}", self.mined
            )
        if self.collection is not None:
            self.collection.check_trainable(self.split, "collection")
        return self

    def loop(self) -> dict[str, Any]:
        """What the training loop takes."""
        names = (
            *("steps", "batch_size", "accumulate", "learning_rate", "warmup", "weight_decay", "dropout"),
            *("precision", "checkpoint_every"),
        )
        return {name: getattr(self, name) for name in names}

    def objective(self) -> dict[str, Any]:
        """What is minimised, from where, and by which optimiser."""
        return {name: getattr(self, name) for name in ("negatives", "in_batch", "scale", "head", "optimiser")}

    def form(self) -> dict[str, Any]:
        """How text becomes a vector, where that differs from the retriever's own way."""
        form: dict[str, Any] = {"max_passage_tokens": self.passage_tokens}
        return form if self.pooling is None else {**form, "pooling": self.pooling}

    def changed(self, changes: dict[str, Any]) -> PrfTraining:
        """The same with some fields changed, checked anew; raises pydantic's `ValidationError`."""
        return read_model(PrfTraining, {**self.model_dump(mode="json"), **changes})
