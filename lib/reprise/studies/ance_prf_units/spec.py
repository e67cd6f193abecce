"""How an ANCE-PRF query encoder is trained: the papers' settings as parameters, checked before any work."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from reprise.experiment.study import Parameters
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
    split: str = "train"
    max_queries: int | None = Field(default=1024, ge=1)
    shards: int = Field(default=1, ge=1)
    depth: int = Field(default=1000, ge=1)
    mined: int = Field(default=100, ge=1)

    steps: int = Field(default=24, ge=1)
    batch_size: int = Field(default=16, ge=1)
    accumulate: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=1e-5, gt=0)
    optimiser: Literal["lamb", "adamw"] = "adamw"
    warmup: float = Field(default=0.1, ge=0, le=1)
    weight_decay: float = Field(default=0.0, ge=0)
    dropout: bool = False
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    checkpoint_every: int = Field(default=12, ge=1)
    processes: int = Field(default=1, ge=1)
    gpu: bool = False

    negatives: int = Field(default=20, ge=1)
    in_batch: bool = False
    scale: float = Field(default=20.0, gt=0)
    head: Literal["inherited", "re-initialised"] = "inherited"

    pooling: Literal["first", "mean", "query", "after-marker"] | None = "query"
    passage_tokens: int | None = Field(default=48, ge=2)

    @model_validator(mode="after")
    def _fits(self) -> PrfTraining:
        if self.batch_size % self.accumulate:
            raise ValueError("accumulate must divide batch_size")
        if self.negatives > self.mined or self.mined > self.depth:
            raise ValueError("negatives are drawn from those mined, and those from the first depth")
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
        """The same with some fields changed, checked anew."""
        return PrfTraining.model_validate({**self.model_dump(), **changes})
