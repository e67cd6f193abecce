"""What all systems of the study rest on: domains, vectors, codebooks, generated queries, margins.

Methods return the name of a unit and add it, with what it needs, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.experiment.unit import Unit, seed_for
from reprise.studies.hash_units import adaptation, training, vectors
from reprise.studies.hash_units.spec import LearningToHashParameters
from reprise.studies.retrieval_units.collections import CollectionSpec, collection_unit


class Preparation:
    """Collects units for some domains: the source, and targets by name."""

    def __init__(self, parameters: LearningToHashParameters) -> None:
        self.p = parameters
        self.domains: dict[str, CollectionSpec] = {"source": parameters.source, **parameters.targets}
        self._units: dict[str, Unit] = {}

    @property
    def units(self) -> list[Unit]:
        """All units so far, each after those that it needs."""
        return list(self._units.values())

    def add(
        self,
        name: str,
        function: Any,
        parameters: Mapping[str, Any] | None = None,
        needs: Mapping[str, str] | None = None,
        *,
        threads: int = 1,
        seed: int = 0,
        inputs: Mapping[str, str] | None = None,
        memory_gb: float = 2.0,
    ) -> str:
        """Add a unit unless it is there."""
        if name not in self._units:
            self._units[name] = Unit(
                name, function, parameters or {}, needs or {}, inputs or {}, seed, memory_gb, threads
            )
        return name

    def heavy(self, name: str, function: Any, parameters: Any, needs: Any, seed: int = 0) -> str:
        """A unit that gets the threads and the memory of the parameters."""
        room = {"threads": self.p.threads, "memory_gb": self.p.memory_gb}
        return self.add(name, function, parameters, needs, seed=seed, **room)

    # -- domains and vectors ----------------------------------------------------------------------

    def collection(self, domain: str) -> str:
        """The prepared collection of a domain."""
        unit = collection_unit(self.domains[domain], f"collection/{domain}")
        self._units.setdefault(unit.name, unit)
        return unit.name

    def split(self, domain: str) -> str:
        """The split of a domain that is evaluated."""
        return self.domains[domain].splits[0]

    def _splits(self, domain: str) -> list[str]:
        if domain != "source":
            return [self.split(domain)]
        trained = ["train"] if self.p.train_base or not self.p.teacher else []
        development = [self.p.development] if self.p.development else []
        return [self.split(domain), *trained, *development]

    @property
    def base(self) -> tuple[str | None, dict[str, str]]:
        """The uncompressed retriever: its name, or None and the unit that trains it."""
        if not self.p.train_base:
            return self.p.base, {}
        t = self.p.training
        model = self.heavy(
            "train/base",
            training.train_base,
            {"start": self.p.base, "loop": t.loop("base"), "limits": t.limits},
            {"collection": self.collection("source")},
            seed=seed_for("hash", "base", "source"),
        )
        return None, {"model": model}

    def reading(self, miner: bool = False) -> dict[str, Any]:
        """How encoders read: those that mine negatives average tokens and give unit vectors (cosines)."""
        m = self.p.method
        own = {} if miner else {"pooling": m.pooling, "normalise": m.norm is not None}
        return {"precision": self.p.precision, "document_tokens": self.p.document_tokens, **own}

    def vectors(self, domain: str, miner: str | None = None) -> str:
        """Vectors of the uncompressed retriever, or of another one that mines negatives."""
        encoder, model = (miner, {}) if miner else self.base
        name = miner.rsplit("/", 1)[-1] if miner else "base"
        return self.heavy(
            f"vectors/{name}/{domain}",
            vectors.encode,
            {
                "encoder": encoder,
                "splits": [] if miner else self._splits(domain),
                "reading": self.reading(bool(miner)),
            },
            {"collection": self.collection(domain), **model},
        )

    def codebook(self, domain: str) -> str:
        """OPQ and PQ fitted to a domain's vectors."""
        m = self.p.method
        return self.add(
            f"codebook/{domain}",
            training.fit_codebook,
            {"subspaces": m.subspaces, "bits": m.bits, "iterations": m.opq_iterations},
            {"base": self.vectors(domain)},
        )

    # -- what GPL needs ---------------------------------------------------------------------------

    def teacher(self) -> tuple[str | None, dict[str, str]]:
        t = self.p.training
        if self.p.teacher:
            return self.p.teacher, {}
        unit = self.heavy(
            "train/teacher",
            training.train_teacher,
            {
                "start": self.p.start,
                "loop": t.loop("teacher"),
                "max_tokens": t.pair_tokens,
                "negatives": t.teacher_negatives,
                "mined": max(t.teacher_mined, t.teacher_negatives),
                "depth": t.negative_depth,
            },
            {"collection": self.collection("source"), "base": self.vectors("source")},
            seed=seed_for("hash", "teacher", "source"),
        )
        return None, {"teacher": unit}

    def generator(self, name: str) -> dict[str, str]:
        """The trained generator where it is needed."""
        a, t = self.p.adaptation, self.p.training
        if name == "extractive" or a.released_generator:
            return {}
        unit = self.heavy(
            "train/generator",
            training.train_query_generator,
            {
                "start": self.p.start,
                "loop": t.loop("generator"),
                "decoder_layers": t.decoder_layers,
                "max_document_tokens": self.p.document_tokens,
                "held_out": a.held_out,
            },
            {"collection": self.collection("source")},
            seed=seed_for("hash", "generator", "source"),
        )
        return {"generator": unit}

    def queries(self, domain: str) -> str:
        """Queries generated for a target."""
        a, (encoder, model) = self.p.adaptation, self.base
        return self.heavy(
            f"queries/{domain}",
            adaptation.make_queries,
            {
                "generator": a.generator,
                "released": a.released_generator,
                "budget": a.budget,
                "at_least": a.at_least,
                "encoder": encoder,
                "reading": self.reading(),
            },
            {"collection": self.collection(domain), **model, **self.generator(a.generator)},
            seed=seed_for("hash", "queries", domain),
        )

    def labels(self, domain: str) -> str:
        """The generated queries with negatives and the teacher's margins."""
        a, (encoder, model), (teacher, trained) = self.p.adaptation, self.base, self.teacher()
        names = ["base", *(m.rsplit("/", 1)[-1] for m in a.miners)]
        mined = [self.vectors(domain), *(self.vectors(domain, miner) for miner in a.miners)]
        return self.heavy(
            f"labels/{domain}",
            adaptation.label_queries,
            {
                "miners": names,
                "encoders": [encoder, *a.miners],
                "depth": a.negative_depth,
                "per_query": a.tuples_a_query,
                "teacher": teacher,
                "max_tokens": self.p.training.pair_tokens,
                "student_scale": self.p.method.jpq_scale if a.calibrate else None,
                "readings": [self.reading(), *(self.reading(True) for _ in a.miners)],
                "precision": self.p.precision,
            },
            {
                "collection": self.collection(domain),
                "queries": self.queries(domain),
                **model,
                **trained,
                **{f"vectors/{name}": unit for name, unit in zip(names, mined, strict=True)},
            },
            seed=seed_for("hash", "labels", domain),
        )
