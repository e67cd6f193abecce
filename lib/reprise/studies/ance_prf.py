"""ANCE-PRF reproduced: a dense query encoder that learns to read its own feedback (arXiv 2112.06400).

The paper re-runs ANCE-PRF (Yu et al., CIKM 2021, arXiv 2108.13454) from its checkpoint and by training anew,
asks which of its training settings matter, and trains it for two other dense retrievers. Each is a section
here, and beside them stand Vector-PRF, fusion, cost and robustness, on the same runs.

Deviations: the embedded retrievers are trained for far fewer steps than the papers' (parameters say how
many), by AdamW, as LAMB at the papers' rate would hardly move them in so few; their vector is the mean over
the query's tokens, which was chosen on dev topics over the mean over all; MiniLM has no head, so the identity
stands for the one that is inherited (`retrieval.ance_prf_load`); passages are cut so that five fit in. The k
of the main comparison is trained with several seeds and averaged a topic; every other cell is one run. The
paper names a two-tailed paired t-test and no level; 0.05 with Holm's correction is used. Beside the trained
encoder stands the retriever's own, reading the same passages untrained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, ValidationError, model_validator

from reprise.evaluation.cells import Cell, Sampling
from reprise.experiment.complaints import complaints
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit
from reprise.experiment.values import (
    CountOrZero,
    Distinct,
    Label,
    Name,
    Repetitions,
    Several,
    Share,
    check_known,
    misfit,
)
from reprise.studies.ance_prf_units import cost
from reprise.studies.ance_prf_units.conditions import UNCHANGED, Conditions, add_comparisons
from reprise.studies.ance_prf_units.names import NAMES
from reprise.studies.ance_prf_units.plan import PrfPlan
from reprise.studies.ance_prf_units.spec import PrfTraining
from reprise.studies.ance_prf_units.views import figures, tables
from reprise.studies.retrieval_units.collections import describe_dataset
from reprise.studies.retrieval_units.parameters import RetrievalParameters, Rocchio
from reprise.studies.retrieval_units.requirements import present_collections, retrieval_requirements
from reprise.studies.retrieval_units.values import FeedbackDepth, Measures, Sparse


class AncePrfParameters(RetrievalParameters):
    """`ks` are the numbers of feedback passages, `main_k` the one that is trained with `seeds` seeds.

    `variants` change fields of `prf` one at a time, for the retriever `variants_on`; those in `tested` are
    the paper's and run on the test topics too, the others on `dev_split` alone. `checkpoints` are encoders
    that were released, by retriever and k; `train` says whether encoders are trained as well. Collections in
    `trained_on_own` train on queries of their own where `prf` names another collection.
    """

    sparse: Annotated[Several[Sparse], Field(max_length=1)] = ("bm25",)
    prf: PrfTraining = Field(default_factory=PrfTraining)
    train: bool = True
    trained_on_own: Distinct[Name] = ()
    ks: Several[FeedbackDepth] = (1, 2, 3, 4, 5)
    main_k: FeedbackDepth = 3
    seeds: Repetitions = 3
    variants_on: Label = "minilm-hn"
    variants: dict[Label, dict[Name, JsonValue]] = {
        "in-batch": {"in_batch": True},
        "head-anew": {"head": "re-initialised"},
        "rate-tenth": {"learning_rate": 1e-6},
        "rate-ten": {"learning_rate": 1e-4},
        "optimiser-lamb": {"optimiser": "lamb", "learning_rate": 2e-3},
        "batch-half": {"batch_size": 8, "steps": 48},
        "negatives-one": {"negatives": 1},
        "accumulate-four": {"accumulate": 4},
        "pooling-mean": {"pooling": "mean"},
    }
    tested: Distinct[Label] = ("in-batch", "head-anew", "rate-tenth")
    dev_split: Name | None = "dev"
    checkpoints: dict[Label, dict[FeedbackDepth, Name]] = {}
    vector_prf: Annotated[dict[Label, Rocchio], Field(min_length=1)] = {
        "rocchio": Rocchio(),
        "rocchio-light": Rocchio(alpha=0.9, beta=0.1),
    }
    weight: Share = 0.5
    normalisation: Literal["min-max", "none"] = "min-max"
    missing: Literal["zero", "minimum"] = "zero"
    cost_queries: CountOrZero = 40
    measures: Measures = ("MRR@10", "nDCG@10", "R@100", "R@1000")

    @model_validator(mode="after")
    def _fits(self) -> AncePrfParameters:
        if self.main_k not in self.ks:
            raise misfit("main_k", f"must be among ks, {list(self.ks)}", self.main_k)
        if max(self.ks) > self.depth:
            raise misfit("ks", f"must be at most depth, the length of the run, {self.depth}", max(self.ks))
        if max(self.ks) > self.prf.depth:
            raise misfit("ks", f"must be at most prf.depth, {self.prf.depth}", max(self.ks))
        if wrong := set(self.vector_prf) & {"base", "ance-prf"}:
            raise misfit("vector_prf", "the name is that of another system", sorted(wrong))
        for retriever, by_k in self.checkpoints.items():
            check_known("checkpoints", retriever, "dense", [d.name for d in self.dense])
            if max(by_k, default=1) > self.depth:
                raise misfit(f"checkpoints.{retriever}", f"k must be at most depth, {self.depth}", max(by_k))
        for name in self.trained_on_own:
            check_known("trained_on_own", name, "collections", [c.name for c in self.collections])
        if self.prf.collection is not None:
            self._check_asked_alike("prf.collection", self.prf.collection)
        if self.train:
            self._check_training()
        return self

    def _check_training(self) -> None:
        for place, spec in enumerate(self.collections):
            if self.prf.collection is None or spec.name in self.trained_on_own:
                spec.check_trainable(self.prf.split, f"collections.{place}")
        for name in self.tested:
            check_known("tested", name, "variants", self.variants)
        if not self.variants:
            return
        check_known("variants_on", self.variants_on, "dense", [d.name for d in self.dense])
        for name, changes in self.variants.items():
            if name == UNCHANGED:
                raise misfit(f"variants.{name}", "the name is that of the training without a change", changes)
            try:
                self.prf.changed(changes)
            except ValidationError as error:
                first = complaints(PrfTraining, error)[0]
                raise misfit(f"variants.{name}.{first.where}", first.what, first.given) from None
        for spec in self.collections:
            if self.dev_split is not None:
                spec.check_split(self.dev_split, "dev_split")


class AncePrf(Study):
    """The study; see the module's docstring."""

    name = "ance_prf"
    timings = (cost.TIME,)
    runs = "seeds"
    paper = Paper(
        title="Improving Query Representations for Dense Retrieval with Pseudo Relevance Feedback: "
        "A Reproducibility Study",
        authors="Li, Zhuang, Mourad, Ma, Lin, Zuccon",
        venue="ECIR 2022",
        arxiv="2112.06400",
        question="Can a dense query encoder that is trained to read its own first results be reproduced, "
        "what does its training depend on, and does it carry over to other dense retrievers?",
    )
    Parameters = AncePrfParameters

    def requirements(self, parameters: AncePrfParameters) -> list[Requirement]:
        source = parameters.prf.collection
        read = (*parameters.collections, *([source] if source and parameters.train else []))
        asked = retrieval_requirements(parameters.model_copy(update={"collections": read}))
        return [*asked, *_checkpoint_requirements(parameters)]

    def units(self, parameters: AncePrfParameters) -> list[Unit]:
        plan = PrfPlan(parameters)
        for spec in present_collections(parameters.collections, parameters.skip_missing)[0]:
            for split in spec.splits:
                conditions = [Conditions(plan, spec, split, retriever) for retriever in parameters.dense]
                for each in conditions:
                    each.add_all()
                add_comparisons(plan, spec.dataset(split), conditions)
        return plan.units

    def collect(self, parameters: AncePrfParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        here, left_out = present_collections(parameters.collections, parameters.skip_missing)
        datasets = {}
        for spec in here:
            prepared = values[f"collection/{spec.name}"]
            encoded = values.get(f"index/{parameters.dense[0].name}/{spec.name}", {})
            for split in spec.splits:
                about = values[f"baselines/{spec.name}/{split}/{parameters.dense[0].name}"]
                datasets[spec.dataset(split)] = {
                    **describe_dataset(prepared, encoded),
                    "split": split,
                    "topics": about["topics"],
                }
        return {
            "datasets": datasets,
            "left_out": left_out,
            "cells": _cells(values, parameters, on_dev=False),
            "dev": _cells(values, parameters, on_dev=True),
            "seeds": _gather(values, "mean", "seeds"),
            "by_relevant": _gather(values, "feedback", "by_relevant"),
            "training": {
                name.removeprefix("train/ance-prf/"): value
                for name, value in values.items()
                if name.startswith("train/ance-prf/")
            },
            "comparisons": _gather(values, "compare", "comparisons"),
        }

    def sampling(self, cell: Cell) -> Sampling:
        """Topics; times of one retriever are taken on the same queries in turn; sizes are exact."""
        if cell.measure == cost.SIZE:
            return Sampling("count")
        if cell.measure == cost.TIME:
            return Sampling("rounds", f"{cell.dataset} timed with {cell['dense']}")
        return Sampling("topics", cell.dataset, trained=cell["training"] == "retrained")

    def tables(self, results: Any) -> list[TableSpec]:
        return tables(results)

    def figures(self, results: Any) -> list[FigureSpec]:
        return figures(results)


def _gather(values: Mapping[str, Any], kind: str, key: str) -> list[Any]:
    """What all units of a kind have under a key, one list."""
    return [item for name, value in values.items() if name.startswith(f"{kind}/") for item in value[key]]


def _cells(values: Mapping[str, Any], parameters: AncePrfParameters, *, on_dev: bool) -> list[Any]:
    """Cells of the test topics or of the dev topics; those of single seeds stand elsewhere."""
    kinds = ("baselines", "evaluate", "mean", "fused", "feedback", "cost")
    dev = {f"evaluate/{c.name}/{parameters.dev_split}/" for c in parameters.collections}
    return [
        cell
        for name, value in values.items()
        if name.partition("/")[0] in kinds and name.startswith(tuple(dev)) == on_dev
        for cell in value["cells"]
        if "seed" not in cell["factors"]
    ]


def _checkpoint_requirements(parameters: AncePrfParameters) -> Iterator[Requirement]:
    """Released ANCE-PRF encoders, which are on no hub."""
    from reprise.data.load import find_folder

    for by_k in parameters.checkpoints.values():
        for name in by_k.values():
            folder = find_folder(name)
            yield Requirement(
                "checkpoint",
                name,
                lambda folder=folder: folder is not None and folder.is_dir(),
                "download it from the link in its authors' repository (yuhongqian/ANCE-PRF) and put the "
                "folder, with ANCE's tokenizer files, under REPRISE_DATA",
                licence="see its authors' repository",
            )


__all__ = ["NAMES", "STUDY"]

STUDY = AncePrf()
