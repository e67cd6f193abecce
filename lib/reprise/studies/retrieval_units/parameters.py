"""What studies of retrieval can be told: collections, retrievers, how they are trained, and the machine."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from reprise.experiment.precision import Precision
from reprise.experiment.study import Parameters
from reprise.experiment.values import (
    AtLeastOne,
    Depth,
    Factor,
    Label,
    Name,
    Several,
    Share,
    Tokens,
    Workers,
    each_once,
    misfit,
)
from reprise.retrieval.checkpoint import MINILM
from reprise.studies.retrieval_units.collections import CollectionSpec, check_labels
from reprise.studies.retrieval_units.training import TrainingSpec
from reprise.studies.retrieval_units.values import Checkpoint, Encoder, Sparse


class DenseSpec(Parameters):
    """A dense retriever: a released encoder, or one trained here from it by a recipe.

    `recipe` is "released", "hard-negatives" (ANCE: negatives from the retriever's own index, refreshed)
    or "distillation" (TCT-ColBERT, TAS-B: taught by a late-interaction model). `index` names one of
    pyserini's prebuilt indexes; without it the collection is encoded here.
    """

    name: Label
    recipe: Literal["released", "hard-negatives", "distillation"] = "released"
    encoder: Encoder = MINILM
    index: Name | None = None

    @model_validator(mode="after")
    def _fits(self) -> DenseSpec:
        if self.index and self.recipe != "released":
            raise misfit("index", "a prebuilt index is of a released encoder's vectors", self.index)
        return self


class Rocchio(Parameters):
    """Vector-PRF: new query = alpha * query + beta * mean of the first k passages."""

    alpha: Factor = 0.4
    beta: Factor = 0.6

    @model_validator(mode="after")
    def _has_weight(self) -> Self:
        if not self.alpha + self.beta > 0:
            raise misfit("alpha", "must be above 0, or beta must", self.alpha)
        return self


class RetrievalParameters(Parameters):
    """What every study of retrieval can be told about collections, retrievers and the machine.

    The default collection is pydocs, and what is trained is trained on its training queries. BM25's
    k1 and b are pyserini's defaults; `depth` is the length of every list. Encoders see the first
    `max_document_tokens` of a document; 128 is the length that all-MiniLM-L6-v2 was trained at. With
    `skip_missing` a collection that is not here is left out and named, instead of refused.
    `threads` are those of one unit: two units of one thread each get more done than one unit of two.
    With `shards` above 1 each collection is encoded in so many units, which may run on several machines.
    """

    collections: Annotated[AtLeastOne[CollectionSpec], each_once("name")] = (CollectionSpec(name="pydocs"),)
    dense: Annotated[AtLeastOne[DenseSpec], each_once("name")] = (
        DenseSpec(name="minilm"),
        DenseSpec(name="minilm-hn", recipe="hard-negatives"),
        DenseSpec(name="minilm-kd", recipe="distillation"),
    )
    sparse: Several[Sparse] = ("bm25", "unicoil")
    training: TrainingSpec = Field(default_factory=TrainingSpec)
    unicoil_checkpoint: Checkpoint | None = None
    k1: Annotated[float, Field(ge=0, le=100)] = 0.9
    b: Share = 0.4
    depth: Depth = 1000
    max_document_tokens: Tokens = 128
    skip_missing: bool = False
    precision: Precision = "auto"
    threads: Workers = 1
    shards: Workers = 1

    @model_validator(mode="after")
    def _names_fit(self) -> RetrievalParameters:
        check_labels(self.collections, "collections")
        self._check_trained()
        self._check_asked_alike("training.collection", self.training.collection)
        return self

    def _check_asked_alike(self, name: str, spec: CollectionSpec) -> None:
        """A collection is prepared once under its name, so all who ask for it ask for the same cut of it."""
        for place, other in enumerate(self.collections):
            if other.name != spec.name:
                continue
            if other.options != spec.options:
                what = f"must be those of collections.{place}, which has the same name: {other.options}"
                raise misfit(f"{name}.options", what, spec.options)
            if other.language != spec.language:
                what = f"must be that of collections.{place}, which has the same name: {other.language}"
                raise misfit(f"{name}.language", what, spec.language)

    def _check_trained(self) -> None:
        """What is trained on the way must not bear the name of a retriever, nor have two meanings."""
        starts = {d.encoder for d in self.dense if d.recipe == "distillation"}
        taken = {d.name: place for place, d in enumerate(self.dense)}
        if len(starts) > 1:
            raise misfit("dense", "distilled retrievers have one teacher and start from one encoder", starts)
        for retriever in self.dense:
            if retriever.recipe != "hard-negatives":
                continue
            base = name_of(retriever.encoder)
            rounds = [f"{retriever.name}-round{n}" for n in range(1, self.training.rounds)]
            for name in (base, *rounds):
                other = self.dense[taken[name]] if name in taken else None
                same = other and name == base and other.recipe == "released" and not other.index
                if other and not (same and other.encoder == retriever.encoder):
                    what = f"the name is that of an encoder which {retriever.name!r} is trained from"
                    raise misfit(f"dense.{taken[name]}.name", what, name)


def name_of(encoder: str) -> str:
    """What units call the index of a released encoder; MiniLM's is shared with the retriever of that name."""
    return "minilm" if encoder == MINILM else encoder.rsplit("/", 1)[-1]
