"""The plan of a study of retrieval: which units make an index, an encoder or a run.

Each method returns the name of a unit and adds it (and what it needs) when it is asked for the first
time, so a study says what it wants and never in which order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.errors import ParameterError
from reprise.experiment.unit import Unit, seed_for
from reprise.retrieval.checkpoint import MINILM
from reprise.studies.retrieval_units import collections, dense, shards, sparse, training
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import DenseSpec, RetrievalParameters, name_of
from reprise.studies.retrieval_units.values import Sparse


class RetrievalPlan:
    """Collects units; the methods return unit names."""

    def __init__(self, parameters: RetrievalParameters) -> None:
        self.parameters = parameters
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
        heavy: bool = False,
        seed: int = 0,
        inputs: Mapping[str, str] | None = None,
    ) -> str:
        """Add a unit unless it is there; `heavy` units get all the threads of the parameters.

        Raises `ParameterError` when another unit has the name: two of the parameters' names mean the same.
        """
        unit = Unit(
            name,
            function,
            parameters or {},
            needs or {},
            inputs or {},
            seed,
            memory_gb=4.0 if heavy else 2.0,
            threads=self.parameters.threads if heavy else 1,
        )
        if self._units.setdefault(name, unit) != unit:
            raise ParameterError(
                f"two units would be called {name!r}", remedy="give retrievers and collections other names"
            )
        return name

    def collection(self, spec: CollectionSpec) -> str:
        """The prepared collection."""
        unit = collections.collection_unit(spec)
        self._units.setdefault(unit.name, unit)
        return unit.name

    # -- sparse -----------------------------------------------------------------------------------

    def sparse_run(self, spec: CollectionSpec, split: str, retriever: Sparse) -> str:
        """The run of a sparse retriever over one split."""
        return (self._bm25_run if retriever == "bm25" else self._unicoil_run)(spec, split)

    def _bm25_run(self, spec: CollectionSpec, split: str) -> str:
        p, needs = self.parameters, {"collection": self.collection(spec)}
        if not spec.bm25_index:
            needs["index"] = self.add(
                f"index/bm25/{spec.name}", sparse.build_bm25, {"language": spec.language}, needs
            )
        return self.add(
            f"run/bm25/{spec.name}/{split}",
            sparse.search_bm25,
            {
                "split": split,
                "depth": p.depth,
                "k1": p.k1,
                "b": p.b,
                "prebuilt": spec.bm25_index,
                "language": spec.language,
            },
            needs,
        )

    def _unicoil_run(self, spec: CollectionSpec, split: str) -> str:
        p, collection = self.parameters, self.collection(spec)
        model = {} if p.unicoil_checkpoint else {"model": self._unicoil()}
        weights = self.add(
            f"topics/unicoil/{spec.name}/{split}",
            sparse.weigh_topics,
            {"split": split, "precision": p.precision, "released": p.unicoil_checkpoint},
            {"collection": collection, **model},
            heavy=True,
        )
        needs = {"collection": collection, "weights": weights}
        if not spec.unicoil_index:
            needs["index"] = self.add(
                f"index/unicoil/{spec.name}",
                sparse.build_unicoil,
                {"precision": p.precision, "max_document_tokens": p.max_document_tokens},
                {"collection": collection, "model": self._unicoil()},
                heavy=True,
            )
        return self.add(
            f"run/unicoil/{spec.name}/{split}",
            sparse.search_unicoil,
            {"split": split, "depth": p.depth, "prebuilt": spec.unicoil_index},
            needs,
        )

    # -- dense ------------------------------------------------------------------------------------

    def dense_index(self, spec: CollectionSpec, retriever: DenseSpec) -> dict[str, str]:
        """What a unit needs to open the retriever's index over the collection (nothing, if prebuilt)."""
        if retriever.index:
            return {}
        return {"index": self._encoded(spec, retriever, *self._encoder(retriever))}

    def _encoded(
        self, spec: CollectionSpec, retriever: DenseSpec, encoder: Mapping[str, Any], needs: Mapping[str, str]
    ) -> str:
        """The index over the collection: encoded by one unit, or by one a shard and joined."""
        name, count = f"index/{retriever.name}/{spec.name}", self.parameters.shards
        settings = {**encoder, "max_document_tokens": self._token_limit(retriever)}
        collection = {"collection": self.collection(spec)}
        if count == 1:
            return self.add(name, dense.encode_collection, settings, {**collection, **needs}, heavy=True)
        passages = self.add(f"passages/{spec.name}", shards.store_passages, needs=collection)
        encoded = {
            f"shard/{number}": self.add(
                f"{name}/shard-{number}-of-{count}",
                shards.encode_shard,
                {"shard": number, "shards": count, **settings},
                {"passages": passages, **needs},
                heavy=True,
            )
            for number in range(count)
        }
        return self.add(name, shards.join_shards, {"shards": count}, encoded)

    def _token_limit(self, retriever: DenseSpec) -> int | None:
        """The papers' released encoders bring their own limit; what starts from MiniLM has the plan's."""
        from reprise.retrieval.encoders import PAPER_ENCODERS

        return None if retriever.encoder in PAPER_ENCODERS else self.parameters.max_document_tokens

    def topics(self, spec: CollectionSpec, split: str, retriever: DenseSpec) -> str:
        """The topic vectors of one split."""
        encoder, needs = self._encoder(retriever)
        return self.add(
            f"topics/{retriever.name}/{spec.name}/{split}",
            dense.encode_topics,
            {"split": split, **encoder},
            {"collection": self.collection(spec), **needs},
            heavy=True,
        )

    def dense_run(self, spec: CollectionSpec, split: str, retriever: DenseSpec) -> str:
        """The run of a dense retriever over one split, without feedback."""
        needs = {
            "collection": self.collection(spec),
            "topics": self.topics(spec, split, retriever),
            **self.dense_index(spec, retriever),
        }
        return self.add(
            f"run/{retriever.name}/{spec.name}/{split}",
            dense.search_dense,
            {"split": split, "depth": self.parameters.depth, "prebuilt": retriever.index},
            needs,
        )

    def _encoder(self, retriever: DenseSpec) -> tuple[dict[str, Any], dict[str, str]]:
        precision = self.parameters.precision
        if retriever.recipe == "released":
            return {"encoder": retriever.encoder, "precision": precision}, {}
        return {"encoder": None, "precision": precision}, {"model": self._trained(retriever)}

    # -- what is trained here ---------------------------------------------------------------------

    def _trained(self, retriever: DenseSpec) -> str:
        if retriever.recipe == "distillation":
            return self._distilled(retriever)
        # The ANCE recipe: each round mines its negatives from the index of the model before it.
        base = DenseSpec.model_construct(name=name_of(retriever.encoder), encoder=retriever.encoder)
        source, model = base, None
        for number in range(1, self.parameters.training.rounds + 1):
            last = number == self.parameters.training.rounds
            needs = {"run": self._training_run(source, model)}
            if model:
                needs["model"] = model
            model = self._train(
                retriever.name if last else f"{retriever.name}-round{number}",
                training.train_with_hard_negatives,
                "hard-negatives",
                retriever.encoder,
                needs,
            )
            source = retriever if last else DenseSpec.model_construct(name=f"{retriever.name}-round{number}")
        return model

    def _training_run(self, source: DenseSpec, model: str | None) -> str:
        """The run over the training queries of the encoder whose index gives the negatives."""
        spec, p = self.parameters.training.collection, self.parameters
        collection = self.collection(spec)
        encoder = {"encoder": None if model else source.encoder, "precision": p.precision}
        needs = {"collection": collection, **({"model": model} if model else {})}
        index = self._encoded(spec, source, encoder, {"model": model} if model else {})
        topics = self.add(
            f"topics/{source.name}/{spec.name}/train",
            dense.encode_topics,
            {"split": "train", **encoder},
            needs,
            heavy=True,
        )
        return self.add(
            f"run/{source.name}/{spec.name}/train",
            dense.search_dense,
            {"split": "train", "depth": p.training.negative_depth, "prebuilt": None},
            {"collection": collection, "topics": topics, "index": index},
        )

    def _distilled(self, retriever: DenseSpec) -> str:
        run = {"run": self._bm25_training_run()}
        teacher = self._train("late-interaction", training.train_teacher, "teacher", retriever.encoder, run)
        return self._train(
            retriever.name, training.train_student, "student", retriever.encoder, {**run, "teacher": teacher}
        )

    def _unicoil(self) -> str:
        return self._train(
            "unicoil",
            training.train_sparse,
            "unicoil",
            MINILM,
            {"run": self._bm25_training_run()},
        )

    def _bm25_training_run(self) -> str:
        p, spec = self.parameters, self.parameters.training.collection
        needs = {"collection": self.collection(spec)}
        needs["index"] = self.add(
            f"index/bm25/{spec.name}", sparse.build_bm25, {"language": spec.language}, needs
        )
        return self.add(
            f"run/bm25/{spec.name}/train",
            sparse.search_bm25,
            {
                "split": "train",
                "depth": p.training.negative_depth,
                "k1": p.k1,
                "b": p.b,
                "prebuilt": None,
                "language": spec.language,
            },
            needs,
        )

    def _train(self, name: str, function: Any, kind: str, start: str, needs: Mapping[str, str]) -> str:
        spec = self.parameters.training
        return self.add(
            f"train/{name}",
            function,
            {"start": start, **spec.unit_parameters(kind)},
            {"collection": self.collection(spec.collection), **needs},
            heavy=True,
            seed=seed_for("retrieval", name, spec.collection.name),
        )
