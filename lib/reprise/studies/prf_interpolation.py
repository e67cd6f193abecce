"""To Interpolate or not to Interpolate: PRF, Dense and Sparse Retrievers (arXiv 2205.00235).

The paper fuses a sparse list with a dense one before vector feedback, after it, both, or neither. Every
factor of its only table is crossed here: dense retriever x sparse retriever x stage x feedback weights.

Deviations, each a parameter: the paper does not say how it normalises scores (min-max of both lists, as
in the strategy it refers to) nor how deep it fuses (1,000). Its feedback rows do not fit its stated
alpha 0.4 and beta 0.6; pyserini's defaults 0.9 and 0.1 are run beside them. It leaves out the sparse
retrievers alone; they are run here. It names no significance test; paired t-tests with Holm's
correction are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.experiment.values import Label, Several, Share, misfit
from reprise.retrieval.stages import FUSED_STAGES, PRF_STAGES
from reprise.studies.retrieval_units import stages
from reprise.studies.retrieval_units.collections import (
    CollectionSpec,
    describe_dataset,
)
from reprise.studies.retrieval_units.compare import compare_stages
from reprise.studies.retrieval_units.parameters import RetrievalParameters, Rocchio
from reprise.studies.retrieval_units.plan import RetrievalPlan
from reprise.studies.retrieval_units.requirements import present_collections, retrieval_requirements
from reprise.studies.retrieval_units.values import MAIN_MEASURE, FeedbackDepth, Measures

NAMES = {
    "bm25": "BM25",
    "unicoil": "uniCOIL",
    "ance": "ANCE",
    "tct-v2": "TCT-ColBERT v2",
    "tas-b": "DistilBERT TAS-B",
    "minilm": "MiniLM",
    "minilm-hn": "MiniLM, hard negatives",
    "minilm-kd": "MiniLM, distilled",
    "dense": "dense alone",
    "vprf": "Vector-PRF",
    "no-prf": "No-PRF",
    "pre-prf": "Pre-PRF",
    "post-prf": "Post-PRF",
    "both-prf": "Both-PRF",
}


class Feedback(Rocchio):
    """Vector-PRF by Rocchio: new query = alpha * query + beta * mean of the first k passages."""

    k: FeedbackDepth = 3


class PrfInterpolationParameters(RetrievalParameters):
    """The paper's settings: weight 0.5; feedback as stated in the paper, and at pyserini's defaults."""

    feedback: Annotated[dict[Label, Feedback], Field(min_length=1)] = {
        "stated": Feedback(),
        "defaults": Feedback(alpha=0.9, beta=0.1),
    }
    weight: Share = 0.5
    normalisation: Literal["min-max", "none"] = "min-max"
    missing: Literal["zero", "minimum"] = "zero"
    prf_depths: Several[FeedbackDepth] = (1, 2, 3, 5, 10)
    weights: Several[Share] = (0.1, 0.3, 0.5, 0.7, 0.9)
    measures: Measures = ("MAP", "nDCG@10", "R@1000", "R@100")

    @model_validator(mode="after")
    def _reads_what_is_found(self) -> PrfInterpolationParameters:
        deep = {"prf_depths": max(self.prf_depths)} | {
            f"feedback.{n}.k": f.k for n, f in self.feedback.items()
        }
        for name, k in deep.items():
            if k > self.depth:
                raise misfit(name, f"must be at most depth, the length of the list, {self.depth}", k)
        return self


class PrfInterpolation(Study):
    """The study; see the module's docstring."""

    name = "prf_interpolation"
    paper = Paper(
        title="To Interpolate or not to Interpolate: PRF, Dense and Sparse Retrievers",
        authors="Li, Wang, Zhuang, Mourad, Ma, Lin, Zuccon",
        venue="SIGIR 2022",
        arxiv="2205.00235",
        question="When a dense and a sparse ranking are fused around pseudo-relevance feedback, should that "
        "happen before the feedback, after it, or both?",
    )
    Parameters = PrfInterpolationParameters

    def requirements(self, parameters: PrfInterpolationParameters) -> list[Requirement]:
        return retrieval_requirements(parameters)

    def units(self, parameters: PrfInterpolationParameters) -> list[Unit]:
        plan = RetrievalPlan(parameters)
        for spec in present_collections(parameters.collections, parameters.skip_missing)[0]:
            for split in spec.splits:
                self._evaluate(plan, parameters, spec, split)
        return plan.units

    def _evaluate(
        self, plan: RetrievalPlan, p: PrfInterpolationParameters, spec: CollectionSpec, split: str
    ) -> None:
        dataset = spec.dataset(split)
        judged = {"split": split, "dataset": dataset, "measures": p.measures}
        needs = {"collection": plan.collection(spec)}
        runs = {name: plan.sparse_run(spec, split, name) for name in p.sparse}
        evaluated = [
            plan.add(
                f"evaluate/{dataset}/{name}",
                stages.evaluate_sparse,
                {"judged": judged, "sparse": name},
                {**needs, "run": run},
            )
            for name, run in runs.items()
        ]
        for retriever in p.dense:
            opened = {
                **needs,
                **plan.dense_index(spec, retriever),
                "topics": plan.topics(spec, split, retriever),
                **{f"run/{name}": run for name, run in runs.items()},
            }
            shared = {
                "judged": judged,
                "searched": {
                    "dense": retriever.name,
                    "sparse": p.sparse,
                    "prebuilt": retriever.index,
                    "normalisation": p.normalisation,
                    "missing": p.missing,
                    "depth": p.depth,
                },
            }
            settings = {name: setting.model_dump() for name, setting in p.feedback.items()}
            first = next(iter(settings.values()))
            evaluated.append(
                plan.add(
                    f"evaluate/{dataset}/{retriever.name}",
                    stages.evaluate_stages,
                    {**shared, "weight": p.weight, "feedback": settings},
                    opened,
                )
            )
            plan.add(
                f"depth/{dataset}/{retriever.name}",
                stages.sweep_depth,
                {**shared, "weight": p.weight, "feedback": first, "depths": p.prf_depths},
                opened,
            )
            plan.add(
                f"weight/{dataset}/{retriever.name}",
                stages.sweep_weight,
                {**shared, "weights": p.weights, "feedback": first},
                opened,
            )
        plan.add(
            f"compare/{dataset}",
            compare_stages,
            {"evaluated": evaluated, "settings": list(p.feedback)},
            {unit: unit for unit in evaluated},
            seed=seed_for(self.name, "compare", dataset),
        )

    def collect(self, parameters: PrfInterpolationParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        datasets = {}
        here, left_out = present_collections(parameters.collections, parameters.skip_missing)
        for spec in here:
            prepared = values[f"collection/{spec.name}"]
            encoded = values.get(f"index/{parameters.dense[0].name}/{spec.name}", {})
            for split in spec.splits:
                dataset = spec.dataset(split)
                topics = next(v["topics"] for n, v in values.items() if n.startswith(f"evaluate/{dataset}/"))
                datasets[dataset] = {
                    **describe_dataset(prepared, encoded),
                    "split": split,
                    "topics": topics,
                }
        return {
            "datasets": datasets,
            "left_out": left_out,
            "cells": _gather(values, "evaluate", "cells"),
            "depth_sweep": _gather(values, "depth", "cells"),
            "weight_sweep": _gather(values, "weight", "cells"),
            "comparisons": _gather(values, "compare", "comparisons"),
        }

    def tables(self, results: Any) -> list[TableSpec]:
        return [
            TableSpec(
                name=f"table1-{setting}",
                paper_table="Table 1",
                caption="Effectiveness of each interpolation stage; feedback weights "
                + ("as the paper states them" if setting == "stated" else f"{setting}"),
                rows=_rows(results.cells, setting),
                measures=results.cells.values("measure"),
                baseline={"stage": "no-prf"},
            )
            for setting in results.cells.values("prf")
        ]

    def figures(self, results: Any) -> list[FigureSpec]:
        # curves have room for retrievers and stages, and for no dataset beside these
        datasets = results.cells.values("dataset")
        several = len(datasets) > 1
        shown = {"select": {"dataset": datasets[0]}} if several else {}
        where = f", on {datasets[0]}" if several else ""
        return [
            FigureSpec(
                "gain-by-stage",
                "Gain of each stage over the dense retriever alone, per sparse and dense "
                "retriever, with 95 % bootstrap intervals over topics",
                "gain_by_stage",
                {
                    "measures": [m for m in (MAIN_MEASURE, "MAP") if m in results.cells.values("measure")],
                    "baseline": {"stage": "dense"},
                    "select": {"prf": ["", *results.cells.values("prf")[:1]]},
                },
            ),
            FigureSpec(
                "prf-depth",
                f"Effectiveness against the number of feedback passages k{where}",
                "curve",
                {"cells": "depth_sweep", "x": "k", "measure": MAIN_MEASURE, **shown},
            ),
            FigureSpec(
                "weight",
                f"Effectiveness against the weight of the sparse list (ours; the paper fixes it){where}",
                "curve",
                {"cells": "weight_sweep", "x": "weight", "measure": MAIN_MEASURE, **shown},
            ),
        ]


def _gather(values: Mapping[str, Any], kind: str, key: str) -> list[Any]:
    """What all units of a kind have under a key, one list."""
    return [item for name, value in values.items() if name.startswith(f"{kind}/") for item in value[key]]


def _rows(cells: Any, setting: str) -> list[tuple[str, dict[str, str]]]:
    """Rows of the paper's table: each dense retriever alone, with feedback, a block a sparse retriever."""
    rows: list[tuple[str, dict[str, str]]] = [("Sparse alone", {})]
    rows += [(NAMES.get(s, s), {"sparse": s, "stage": "sparse"}) for s in cells.values("sparse")]
    for dense in cells.values("dense"):
        rows += [
            (NAMES.get(dense, dense), {}),  # somebody else's retriever has the name that it was given
            ("dense alone", {"dense": dense, "stage": "dense"}),
            ("+ Vector-PRF", {"dense": dense, "stage": "vprf", "prf": setting}),
        ]
        for sparse in cells.values("sparse"):
            rows += [
                (
                    f"{NAMES.get(sparse, sparse)}, {NAMES[stage]}",
                    {
                        "dense": dense,
                        "sparse": sparse,
                        "stage": stage,
                        "prf": setting if stage in PRF_STAGES else "",
                    },
                )
                for stage in FUSED_STAGES
            ]
    return rows


STUDY = PrfInterpolation()
