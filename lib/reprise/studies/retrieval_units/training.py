"""Units that train the embedded retrievers, on a collection's training queries and nothing else.

uniCOIL, the late-interaction teacher and its student take their hard negatives from BM25; the ANCE recipe
takes them from the dense index of the round before.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import Field, model_validator

from reprise.experiment.precision import Precision
from reprise.experiment.study import Parameters
from reprise.experiment.values import BatchSize, Count, Depth, Rate, Tokens, complete, misfit
from reprise.studies.retrieval_units.collections import CollectionSpec, open_collection

Trained = Literal["hard-negatives", "teacher", "student", "unicoil"]
"""What is trained: one retriever by the ANCE recipe, the late-interaction teacher, its student, uniCOIL."""


class TrainingSpec(Parameters):
    """How the embedded retrievers are trained; the learning rates and steps were chosen on dev topics.

    There is no dropout, which so few steps do not need. `rounds` is how often the ANCE recipe mines negatives
    anew; `steps` are the steps of each training run (of each round). `negative_depth` is how deep in the run
    the `mined` negatives of a query are sampled, `negatives` how many of them one step uses.
    """

    collection: CollectionSpec = CollectionSpec(name="pydocs")
    rounds: Annotated[int, Field(ge=1, le=20)] = 2
    steps: Annotated[dict[Trained, Count], complete(*get_args(Trained))] = {
        "hard-negatives": 60,
        "teacher": 80,
        "student": 120,
        "unicoil": 120,
    }
    learning_rate: Rate = 2e-5
    batch_size: Annotated[BatchSize, Field(ge=2)] = 32
    negatives: Depth = 1
    mined: Depth = 4
    negative_depth: Depth = 100
    max_query_tokens: Tokens = 24
    max_document_tokens: Tokens = 96
    precision: Precision = "auto"
    checkpoint_every: Count = 20

    @model_validator(mode="after")
    def _fits(self) -> TrainingSpec:
        if self.negatives > self.mined:
            raise misfit("negatives", f"must be at most mined, {self.mined}", self.negatives)
        if self.mined > self.negative_depth:
            raise misfit("mined", f"must be at most negative_depth, {self.negative_depth}", self.mined)
        self.collection.check_trainable("train", "collection")
        return self

    def unit_parameters(self, kind: str) -> dict[str, Any]:
        """What a training unit of this kind depends on."""
        loop = {
            name: getattr(self, name)
            for name in ("learning_rate", "batch_size", "precision", "checkpoint_every")
        }
        limits = {
            name: getattr(self, name) for name in ("negatives", "max_query_tokens", "max_document_tokens")
        }
        return {
            "loop": {**loop, "steps": self.steps[kind], "dropout": False},
            "limits": limits,
            "mined": self.mined,
            "depth": self.negative_depth,
        }


def train_with_hard_negatives(
    context: Any, *, start: str, loop: dict, limits: dict, mined: int, depth: int
) -> dict[str, Any]:
    """One round of the ANCE recipe; from the second on it goes on from the model of the round before."""
    from reprise.retrieval.contrastive import train_dense

    triples, report = _triples(context, mined, depth)
    source = context.folder_of("model") / "model" if context.has("model") else start
    log = train_dense(
        source,
        triples,
        context.folder / "model",
        _settings(context, loop),
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return report | _losses(log)


def train_teacher(
    context: Any, *, start: str, loop: dict, limits: dict, mined: int, depth: int
) -> dict[str, Any]:
    """The late-interaction teacher."""
    from reprise.retrieval.late_interaction import train_late_interaction

    triples, report = _triples(context, mined, depth)
    log = train_late_interaction(
        start,
        triples,
        context.folder / "model",
        _settings(context, loop),
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return report | _losses(log)


def train_student(
    context: Any, *, start: str, loop: dict, limits: dict, mined: int, depth: int
) -> dict[str, Any]:
    """A dense student of the late-interaction teacher."""
    from reprise.retrieval.distillation import train_distilled
    from reprise.retrieval.late_interaction import LateInteraction

    triples, report = _triples(context, mined, depth)
    teacher = LateInteraction.open(
        context.folder_of("teacher") / "model",
        precision=loop["precision"],
        threads=context.threads,
        max_query_tokens=limits["max_query_tokens"],
        max_document_tokens=limits["max_document_tokens"],
    )
    log = train_distilled(
        start,
        triples,
        teacher.score_all,
        context.folder / "model",
        _settings(context, loop),
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return report | _losses(log)


def train_sparse(
    context: Any, *, start: str, loop: dict, limits: dict, mined: int, depth: int
) -> dict[str, Any]:
    """uniCOIL: one weight for every token of a text."""
    from reprise.retrieval.unicoil_training import train_unicoil

    triples, report = _triples(context, mined, depth)
    log = train_unicoil(
        start,
        triples,
        context.folder / "model",
        _settings(context, loop),
        **limits,
        checkpoint_folder=context.checkpoints,
        progress=context.progress,
    )
    return report | _losses(log)


def _triples(context: Any, mined: int, depth: int) -> tuple[list[Any], dict[str, int]]:
    """Training queries with their document and negatives sampled from the run that this unit needs."""
    from reprise.retrieval.contrastive import Triple
    from reprise.retrieval.hard_negatives import mine_hard_negatives
    from reprise.retrieval.run import Run

    collection = open_collection(context)
    topics, positives = collection.split("train").topics, collection.positives("train")
    texts = dict(zip(collection.doc_ids, collection.texts, strict=True))
    learnt = [t.id for t in topics if t.id in positives]
    run = Run.load(context.folder_of("run") / "run.npz").select(learnt)
    found = mine_hard_negatives(
        run,
        positives,
        mined,
        generator=np.random.default_rng(context.seed),
        depth=depth,
        all_documents=collection.doc_ids,
    )
    triples = [
        Triple(topic.text, texts[document], tuple(texts[d] for d in found.negatives[topic.id]))
        for topic in topics
        for document in sorted(positives.get(topic.id, ()))
        if topic.id in found.negatives
    ]
    return triples, {"triples": len(triples), "random_negatives": found.random_documents}


def _settings(context: Any, loop: dict[str, Any]) -> Any:
    from reprise.retrieval.training import TrainingSettings

    return dataclasses.replace(TrainingSettings(**loop), seed=context.seed, threads=context.threads)


def _losses(log: Any) -> dict[str, float]:
    """The mean loss of the first and last tenth of the steps: enough to see that it fell."""
    tenth = max(len(log.losses) // 10, 1)
    return {
        "first_loss": float(np.mean(log.losses[:tenth])),
        "last_loss": float(np.mean(log.losses[-tenth:])),
    }
