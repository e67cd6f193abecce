"""The plan of ANCE-PRF: which units train an encoder, read topics with it, and evaluate what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reprise.experiment.unit import seed_for
from reprise.studies.ance_prf_units import evaluate, examples, models
from reprise.studies.ance_prf_units.spec import PrfTraining
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import DenseSpec
from reprise.studies.retrieval_units.plan import RetrievalPlan


class PrfPlan(RetrievalPlan):
    """Collects units; the methods return unit names."""

    # -- training ---------------------------------------------------------------------------------

    def model(
        self,
        spec: CollectionSpec,
        retriever: DenseSpec,
        training: PrfTraining,
        k: int,
        *,
        variant: str = "",
        repetition: int = 0,
    ) -> str:
        """The encoder that reads k passages, trained for a retriever; a variant has the seed of its base."""
        own = training.collection is None or spec.name in self.parameters.trained_on_own
        source = spec if own else training.collection
        name = "/".join(
            ["train/ance-prf", retriever.name, source.name, f"k{k}", *([variant] if variant else [])]
        )
        name = f"{name}/seed{repetition}"
        if name in self._units:
            return name
        shards = {
            f"examples/{shard}": self._examples(source, retriever, training, shard)
            for shard in range(training.shards)
        }
        needs = {
            "collection": self.collection(source),
            **self.dense_index(source, retriever),
            **shards,
            **self.trained_retriever(retriever),
        }
        self.add(
            name,
            models.train_query_encoder,
            {
                "source": self.source(retriever),
                "k": k,
                "form": training.form(),
                "loop": training.loop(),
                "objective": training.objective(),
                "shards": training.shards,
                "processes": training.processes,
                "prebuilt": retriever.index,
                "texts": source.bm25_index,
            },
            needs,
            heavy=True,
            seed=seed_for("ance_prf", f"{retriever.name}, k={k}", source.name, repetition),
        )
        if training.gpu:
            self._units[name] = replace(self._units[name], gpu=True, memory_gb=64.0)
        return name

    def _examples(self, spec: CollectionSpec, retriever: DenseSpec, training: PrfTraining, shard: int) -> str:
        feedback = max(self.parameters.ks)
        return self.add(
            f"examples/{retriever.name}/{spec.name}/{training.depth}-{training.mined}/{shard}",
            examples.make_examples,
            {
                "split": training.split,
                "feedback": feedback,
                "depth": training.depth,
                "mined": training.mined,
                "max_queries": training.max_queries,
                "shard": shard,
                "shards": training.shards,
                "prebuilt": retriever.index,
            },
            {
                "collection": self.collection(spec),
                "topics": self.topics(spec, training.split, retriever),
                **self.dense_index(spec, retriever),
            },
            heavy=True,
            seed=seed_for("ance_prf", f"{retriever.name}, negatives", spec.name),
        )

    def source(self, retriever: DenseSpec, checkpoint: str | None = None) -> dict[str, str | None]:
        """Where the retriever's own query encoder comes from."""
        released = retriever.recipe == "released"
        return {"start": retriever.encoder if released else None, "checkpoint": checkpoint}

    def trained_retriever(self, retriever: DenseSpec) -> dict[str, str]:
        """The role "model", when the retriever is trained here."""
        return self._encoder(retriever)[1]

    # -- vectors ----------------------------------------------------------------------------------

    def read_topics(
        self,
        spec: CollectionSpec,
        split: str,
        retriever: DenseSpec,
        k: int,
        *,
        model: str | None = None,
        checkpoint: str | None = None,
        fused: bool = False,
        form: Mapping[str, Any] | None = None,
        label: str = "",
    ) -> str:
        """Vectors of topics read with their first k passages, by a trained model or a released checkpoint."""
        from reprise.data.load import find_folder, input_fingerprints

        local = checkpoint is not None and find_folder(checkpoint) is not None
        what = label or (model or "released").removeprefix("train/ance-prf/")
        first = self.fused_run(spec, split, retriever) if fused else self.dense_run(spec, split, retriever)
        needs = {"collection": self.collection(spec), "first": first}
        needs |= {"trained": model} if model else self.trained_retriever(retriever)
        return self.add(
            f"read/{spec.name}/{split}/{what}" + ("/fused" if fused else ""),
            models.encode_with_feedback,
            {
                "source": self.source(retriever, checkpoint),
                "split": split,
                "k": k,
                "form": form or {},
                "precision": self.parameters.precision,
                "texts": spec.bm25_index,
            },
            needs,
            heavy=True,
            inputs=input_fingerprints(checkpoint) if local else None,
        )

    def fused_run(self, spec: CollectionSpec, split: str, retriever: DenseSpec) -> str:
        """The first list fused with the sparse one."""
        p = self.parameters
        return self.add(
            f"run/{retriever.name}+{p.sparse[0]}/{spec.name}/{split}",
            evaluate.fuse_first,
            {"split": split, "searched": self.searched(retriever), "weight": p.weight},
            self.search_needs(spec, split, retriever),
        )

    # -- evaluation -------------------------------------------------------------------------------

    def searched(self, retriever: DenseSpec) -> dict[str, Any]:
        """How units of evaluation search and fuse."""
        p = self.parameters
        return {
            "prebuilt": retriever.index,
            "depth": p.depth,
            "normalisation": p.normalisation,
            "missing": p.missing,
        }

    def search_needs(self, spec: CollectionSpec, split: str, retriever: DenseSpec) -> dict[str, str]:
        """The collection, the index, the topics' own vectors and the sparse run."""
        return {
            "collection": self.collection(spec),
            **self.dense_index(spec, retriever),
            "topics": self.topics(spec, split, retriever),
            "sparse": self.sparse_run(spec, split, self.parameters.sparse[0]),
        }

    def judged(self, spec: CollectionSpec, split: str) -> dict[str, Any]:
        """What units of evaluation judge."""
        return {"split": split, "dataset": spec.dataset(split), "measures": self.parameters.measures}

    def evaluated(
        self,
        spec: CollectionSpec,
        split: str,
        retriever: DenseSpec,
        queries: str,
        factors: Mapping[str, str],
        *,
        label: str = "",
        dataset: str | None = None,
    ) -> str:
        """The cells of one search with vectors that a unit has read."""
        judged = self.judged(spec, split)
        needs = {"collection": self.collection(spec), **self.dense_index(spec, retriever), "queries": queries}
        return self.add(
            queries.replace("read/", "evaluate/", 1) + label,
            evaluate.evaluate_vectors,
            {
                "judged": {**judged, "dataset": dataset or judged["dataset"]},
                "searched": self.searched(retriever),
                "factors": factors,
            },
            needs,
        )
