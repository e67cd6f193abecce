"""The plan of the learning-to-hash study: which units stand behind each system on each domain.

Methods return the name of a unit and add it, with what it needs, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.experiment.unit import Unit, seed_for
from reprise.studies.hash_units import adaptation, cost, evaluation, orthants, quality, training, vectors
from reprise.studies.hash_units.spec import LearningToHashParameters
from reprise.studies.retrieval_units.collections import CollectionSpec, prepare_collection

UNTRAINED = ("dense", "fp16", "sq8", "pca", "pca-fair", "pq", "opq", "opq-source", "lsh", "itq")
BEYOND = ("signs", "signs-hamming", "rabitq", "truncated")


class HashPlan:
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
        """A unit that gets all the threads of the parameters."""
        return self.add(name, function, parameters, needs, threads=self.p.threads, seed=seed, memory_gb=3.0)

    # -- domains and vectors ----------------------------------------------------------------------

    def collection(self, domain: str) -> str:
        """The prepared collection of a domain."""
        from reprise.data.load import input_fingerprints

        spec = self.domains[domain]
        return self.add(
            f"collection/{domain}",
            prepare_collection,
            {"name": spec.name, "options": spec.options},
            inputs=input_fingerprints(spec.name, **spec.options),
        )

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
    def _base(self) -> tuple[str | None, dict[str, str]]:
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

    def _reading(self, miner: bool = False) -> dict[str, Any]:
        """How encoders read: those that mine negatives average tokens and give unit vectors (cosines)."""
        m = self.p.method
        own = {} if miner else {"pooling": m.pooling, "normalise": m.norm is not None}
        return {"precision": self.p.precision, "document_tokens": self.p.document_tokens, **own}

    def vectors(self, domain: str, miner: str | None = None) -> str:
        """Vectors of the uncompressed retriever, or of another one that mines negatives."""
        encoder, model = (miner, {}) if miner else self._base
        name = miner.rsplit("/", 1)[-1] if miner else "base"
        return self.heavy(
            f"vectors/{name}/{domain}",
            vectors.encode,
            {
                "encoder": encoder,
                "splits": [] if miner else self._splits(domain),
                "reading": self._reading(bool(miner)),
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

    def _teacher(self) -> tuple[str | None, dict[str, str]]:
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
                "mined": max(t.mined, t.teacher_negatives),
                "depth": t.negative_depth,
            },
            {"collection": self.collection("source"), "base": self.vectors("source")},
            seed=seed_for("hash", "teacher", "source"),
        )
        return None, {"teacher": unit}

    def _generator(self, name: str) -> dict[str, str]:
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
        a, (encoder, model) = self.p.adaptation, self._base
        return self.heavy(
            f"queries/{domain}",
            adaptation.make_queries,
            {
                "generator": a.generator,
                "released": a.released_generator,
                "budget": a.budget,
                "at_least": a.at_least,
                "encoder": encoder,
                "reading": self._reading(),
            },
            {"collection": self.collection(domain), **model, **self._generator(a.generator)},
            seed=seed_for("hash", "queries", domain),
        )

    def labels(self, domain: str) -> str:
        """The generated queries with negatives and the teacher's margins."""
        a, (encoder, model), (teacher, trained) = self.p.adaptation, self._base, self._teacher()
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
                "readings": [self._reading(), *(self._reading(True) for _ in a.miners)],
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

    # -- trainings --------------------------------------------------------------------------------

    def trained(self, system: str, how: str, domain: str, seed: int) -> str:
        """The unit that trains a system ("dense", "bpr", "jpq") for a domain, adapted or not."""
        t, m, (start, model) = self.p.training, self.p.method, self._base
        name = f"train/{system}/{seed}" if how == "none" else f"train/{system}+{how}/{domain}/{seed}"
        number = seed_for("hash", f"{system}+{how}", domain if how != "none" else "source", seed)
        if system == "bpr" and how == "none":
            return self.heavy(
                name,
                training.train_hash,
                {
                    "start": start,
                    "loop": t.loop("bpr"),
                    "limits": t.limits,
                    "hashing": m.hashing,
                    "mined": t.mined,
                    "depth": t.negative_depth,
                },
                {"collection": self.collection("source"), "base": self.vectors("source"), **model},
                number,
            )
        if system == "jpq":
            return self._trained_product(name, how, domain, number)
        made = {"queries": self.queries(domain)} if how == "genq" else {"labels": self.labels(domain)}
        own = {"scale": m.jpq_scale} if system == "dense" else {"hashing": m.hashing}
        return self.heavy(
            name,
            adaptation.adapt_dense if system == "dense" else adaptation.adapt_hash,
            {"method": how, "start": start, "loop": t.loop(f"adapt-{system}"), "limits": t.limits, **own},
            {"collection": self.collection(domain), **made, **model},
            number,
        )

    def _trained_product(self, name: str, how: str, domain: str, number: int) -> str:
        t, m, (start, model) = self.p.training, self.p.method, self._base
        at = "source" if how == "none" else domain
        needs = {
            "collection": self.collection(at),
            "base": self.vectors(at),
            "codebook": self.codebook(at),
            **model,
        }
        shared = {"start": start, "trained_layers": t.trained_layers}
        if how == "none":
            own = {"loop": t.loop("jpq"), "method": m.product(m.jpq_depth)}
            return self.heavy(name, training.train_product, {**shared, **own}, needs, number)
        teacher, trained = self._teacher() if how == "gpl" else (None, {})
        depth = self.p.adaptation.live_negatives if how == "gpl" else m.jpq_depth
        return self.heavy(
            name,
            adaptation.adapt_product,
            {
                **shared,
                "method": how,
                "loop": t.loop("adapt-jpq"),
                "settings": m.product(depth),
                "teacher": teacher,
                "precision": self.p.precision,
                "max_tokens": t.pair_tokens,
            },
            {**needs, **trained, "queries": self.queries(domain)},
            number,
        )

    # -- evaluations ------------------------------------------------------------------------------

    def judged(self, domain: str) -> dict[str, Any]:
        """What is evaluated on a domain."""
        return {"split": self.split(domain), "dataset": domain, "measures": list(self.p.measures)}

    def untrained(self, domain: str) -> str:
        """Cells of every index that needs vectors only."""
        m = self.p.method
        jpq_needs_codebook = {"codebook": self.codebook("source")}
        return self.add(
            f"evaluate/untrained/{domain}",
            evaluation.evaluate_untrained,
            {
                "judged": self.judged(domain),
                "depth": self.p.depth,
                "methods": [*UNTRAINED, *BEYOND],
                "subspaces": m.subspaces,
                "bits": m.bits,
                "iterations": m.opq_iterations,
                "pca_dimensions": m.pca_dimensions,
                "candidates": m.candidates,
            },
            {"collection": self.collection(domain), "base": self.vectors(domain), **jpq_needs_codebook},
        )

    def system(self, system: str, how: str, domain: str, seed: int) -> str:
        """Cells of a trained system on a domain."""
        key = system if how == "none" else f"{system}+{how}"
        needs = {"collection": self.collection(domain)}
        released = self.p.released.get(key)
        if not released:
            needs["model"] = self.trained(system, how, domain, seed)
        parameters: dict[str, Any] = {
            "judged": self.judged(domain),
            "depth": self.p.depth,
            "factors": {"method": system, "adaptation": how},
            "reading": self._reading(),
        }
        name = f"evaluate/{key}/{domain}/{seed}"
        if system == "jpq" and released:
            towers = [tower.format(dataset=domain) for tower in released]
            return self.heavy(name, evaluation.evaluate_towers, {**parameters, "towers": towers}, needs)
        if system == "jpq":
            needs["base"] = self.vectors(domain)
            return self.heavy(name, evaluation.evaluate_product, parameters, needs)
        own = {
            "encoder": str(released).format(dataset=domain) if released else None,
            "candidates": self.p.method.candidates if system == "bpr" else None,
        }
        return self.heavy(name, evaluation.evaluate_encoder, {**parameters, **own}, needs)

    # -- the rest ---------------------------------------------------------------------------------

    def quality(self) -> list[str]:
        """How good generators and teacher are, on the source."""
        a, (encoder, model), (teacher, trained) = self.p.adaptation, self._base, self._teacher()
        needs = {"collection": self.collection("source"), "base": self.vectors("source")}
        made = [
            self.heavy(
                "quality/generators",
                quality.generator_quality,
                {
                    "generators": ["extractive", "seq2seq"],
                    "released": a.released_generator,
                    "held_out": a.held_out,
                    "encoder": encoder,
                    "reading": self._reading(),
                },
                {**needs, **model, **self._generator("seq2seq")},
                seed=seed_for("hash", "generator quality", "source"),
            )
        ]
        if self.p.development:
            made.append(
                self.heavy(
                    "quality/teacher",
                    quality.teacher_quality,
                    {
                        "judged": {
                            "split": self.p.development,
                            "dataset": "source, development",
                            "measures": ["nDCG@10"],
                        },
                        "depth": 20,
                        "teacher": teacher,
                        "precision": self.p.precision,
                        "max_tokens": self.p.training.pair_tokens,
                        "most": 60,
                    },
                    {**needs, **trained},
                )
            )
        return made

    def orthants(self, domain: str, systems: Mapping[str, Mapping[str, str]]) -> str:
        """Where codes lie; `systems` maps a unit (or "base") to the factors of its codes."""
        roles = {unit: unit for unit in systems if unit != "base"}
        return self.add(
            f"orthants/{domain}",
            orthants.measure_orthants,
            {"dataset": domain, "systems": dict(systems), "radii": list(self.p.radii)},
            {"base": self.vectors(domain), **roles},
        )

    def cost(self, count: int) -> str:
        """Sizes and times on so many synthetic vectors."""
        c = self.p.cost
        return self.add(
            f"cost/{count}",
            cost.measure_cost,
            {
                "count": count,
                "dim": c.dim,
                "methods": list(c.methods),
                "queries": c.queries,
                "depth": self.p.depth,
                "candidates": c.candidates,
                "repeats": c.repeats,
            },
            seed=seed_for("hash", "cost", str(count)),
            memory_gb=2.0 + 1e-9 * 2 * 4 * count * c.dim,  # the vectors, and a flat index of them
        )
