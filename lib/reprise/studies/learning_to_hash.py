"""Injecting Domain Adaptation with Learning-to-hash for Effective and Efficient Zero-shot Dense Retrieval.

arXiv 2205.11498, version 2 (ReNeuIR at SIGIR 2023); version 1 states other headline figures. A retriever is
compressed 32 times by BPR and JPQ, which learn that on one domain, and is asked on others, before and after
they are adapted by generated queries (GenQ) or by those and a cross-encoder's margins (GPL).

Deviations, each a parameter: the source is a part of pydocs in the place of MS MARCO and the targets are
other libraries; the retriever is MiniLM trained on the source, of 384 dimensions and unit vectors; few steps;
queries are extracted, unless a generator is named; codes of 48 bytes. Beyond the paper: sign bits without
training, RaBitQ, truncation, PCA without the offset, the source's codebook before training, the adapted
uncompressed retriever, and BPR+GPL as the released code computes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reprise.evaluation.cells import Cell, Sampling
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.studies.hash_units import layout
from reprise.studies.hash_units.compare import average_seeds, compare_systems
from reprise.studies.hash_units.layout import NAMES
from reprise.studies.hash_units.plan import BEYOND, UNTRAINED, HashPlan
from reprise.studies.hash_units.spec import ADAPTATIONS, SYSTEMS, LearningToHashParameters, group_of
from reprise.studies.hash_units.summary import (
    CODES,
    MEASURE,
    SIZES,
    TIMES,
    averages,
    by_seed,
    by_size,
    describe_datasets,
    gather,
    once,
    tradeoff,
    weights_of,
)
from reprise.studies.retrieval_units.requirements import (
    checkpoint_requirements,
    collection_requirements,
    present_collections,
)

__all__ = ["NAMES", "STUDY", "LearningToHash"]


class LearningToHash(Study):
    """The study; see the module's docstring."""

    name = "learning_to_hash"
    paper = Paper(
        title="Injecting Domain Adaptation with Learning-to-hash for Effective and Efficient Zero-shot Dense "
        "Retrieval",
        authors="Thakur, Reimers, Lin",
        venue="ReNeuIR at SIGIR 2023",
        arxiv="2205.11498",
        question="A dense index compressed 32 times by learned hashing loses much on a domain it was not "
        "trained on: does adapting the hash to that domain, without any of its queries, win it back?",
    )
    timings = TIMES
    runs = "seeds"
    Parameters = LearningToHashParameters

    def requirements(self, parameters: LearningToHashParameters) -> list[Requirement]:
        """What was released for a target that is left out is left out with it; the source never is."""
        found = _outside(parameters)
        absent = {r.name for r in found if r.kind == "collection" and r.optional and not r.present()}
        there = [target for target, spec in parameters.targets.items() if spec.name not in absent]
        gone = [target for target, spec in parameters.targets.items() if spec.name in absent]
        for_absent = set(_released(parameters, gone)) - set(_released(parameters, there))
        return [
            replace(r, optional=(r.optional and r.name != parameters.source.name) or r.name in for_absent)
            for r in found
        ]

    def units(self, parameters: LearningToHashParameters) -> list[Unit]:
        p = _present(parameters)
        plan = HashPlan(p)
        for domain in plan.domains:
            self._evaluate(plan, p, domain)
        plan.quality()
        for count in p.cost.sizes:
            plan.cost(count)
        return plan.units

    def _evaluate(self, plan: HashPlan, p: LearningToHashParameters, domain: str) -> None:
        first = p.seeds[0]
        roles = [plan.untrained(domain)]
        codes: dict[str, dict[str, str]] = {"base": {"method": "signs", "adaptation": "none"}}
        for system, how, seeds in _systems(p, adapted=domain != "source"):
            made = [plan.system(system, how, domain, seed) for seed in seeds]
            roles += made
            if system == "bpr" and how in ("none", *ADAPTATIONS):
                codes[made[seeds.index(first)]] = {"method": "bpr", "adaptation": how}
        plan.orthants(domain, codes)
        plan.add(
            f"compare/{domain}",
            compare_systems,
            {"roles": roles, "pairs": [list(pair) for pair in _pairs(domain)], "measure": MEASURE},
            {role: role for role in roles},
            seed=seed_for(self.name, "compare", domain),
        )

    def collect(self, parameters: LearningToHashParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        p = _present(parameters)
        raw = gather(values, "evaluate", "cells")
        cells = average_seeds(raw)
        cells += averages(cells, list(p.targets), list(p.measures))
        timed = gather(values, "cost", "cells")
        where = gather(values, "orthants", "cells")
        where += averages(where, list(p.targets), [])
        return {
            "datasets": describe_datasets(p, values),
            "cells": [*cells, *where, *timed],
            "by_size": by_size(timed),
            "sizes": once(gather(values, "evaluate", "sizes")),
            "seeds": by_seed(values),
            "tradeoff": tradeoff(cells, gather(values, "evaluate", "sizes"), list(p.targets)),
            "occupancy": gather(values, "orthants", "occupancy"),
            "quality": gather(values, "quality", "cells"),
            "generated": {
                name.partition("/")[2]: value for name, value in values.items() if name.startswith("queries/")
            },
            "labelled": {
                name.partition("/")[2]: value for name, value in values.items() if name.startswith("labels/")
            },
            "left_out": sorted(set(parameters.targets) - set(p.targets)),
            "comparisons": gather(values, "compare", "comparisons"),
        }

    def sampling(self, cell: Cell) -> Sampling:
        """Topics of the target; times are rounds of all methods in turn; sizes and codes are counted.

        Another run of training would give other codes, though not another size.
        """
        if cell.measure in TIMES:
            return Sampling("rounds", cell.dataset)
        learned = cell["method"] in SYSTEMS or cell["adaptation"] not in ("", "none")
        if cell.measure in (*SIZES, *CODES):
            return Sampling("count", trained=learned and cell.measure in CODES)
        return Sampling("topics", cell.dataset, trained=learned)

    def averaged(self, cell: Cell, results: Any) -> Mapping[str, float]:
        return weights_of(results.datasets["average"]["of"]) if cell.dataset == "average" else {}

    def tables(self, results: Any) -> list[TableSpec]:
        return layout.tables(results)

    def figures(self, results: Any) -> list[FigureSpec]:
        return layout.figures(results)


def _present(parameters: LearningToHashParameters) -> LearningToHashParameters:
    """The parameters with the targets that are here; the same ones unless `skip_missing`."""
    if not parameters.skip_missing:
        return parameters
    here, _ = present_collections(parameters.targets.values(), skip_missing=True)
    kept = {name: spec for name, spec in parameters.targets.items() if spec in here}
    return parameters.model_copy(update={"targets": kept})


def _outside(p: LearningToHashParameters) -> list[Requirement]:
    """What has to be fetched."""
    named = [name for name in (p.base, p.teacher, p.adaptation.released_generator) if name]
    named += [p.start] if len(named) < 3 else []  # a teacher or a generator is trained from it
    named += [*p.adaptation.miners, *_released(p, list(p.targets))]
    return [
        *collection_requirements((p.source, *p.targets.values()), p.skip_missing),
        *checkpoint_requirements(named),
    ]


def _released(p: LearningToHashParameters, targets: list[str]) -> list[str]:
    """The checkpoints used in the place of training, for these targets and for the source."""
    names = [r for given in p.released.values() for r in ([given] if isinstance(given, str) else given)]
    sets = list(dict.fromkeys(map(group_of, targets)))
    return [n.format(dataset=d) for n in names for d in (sets if "{dataset}" in n else ["source"])]


def _systems(p: LearningToHashParameters, adapted: bool) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """(system, adaptation, seeds) of everything that is trained and evaluated on a domain."""
    first = p.seeds[:1]
    yield from ((system, "none", p.seeds if adapted else first) for system in SYSTEMS)
    if adapted:
        for how in ADAPTATIONS:
            if how in p.adaptation.uncompressed:
                yield "dense", how, first
            yield from ((system, how, p.seeds if how == "gpl" else first) for system in SYSTEMS)
        if "bpr+gpl" not in p.released:
            yield "bpr", "gpl-defect", first


def _pairs(domain: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """The pairs that are tested on a domain."""

    def system(method: str, how: str = "none") -> dict[str, str]:
        return {"method": method, "adaptation": how}

    for other in (*UNTRAINED[1:], *SYSTEMS, *BEYOND):
        yield system(other), system("dense")
    yield system("bpr"), system("pq")
    yield system("jpq"), system("pq")
    yield system("jpq"), system("opq-source")
    if domain != "source":
        for method in ("dense", *SYSTEMS):
            yield system(method, "genq"), system(method)
            yield system(method, "gpl"), system(method)
            yield system(method, "gpl"), system(method, "genq")
        for method in SYSTEMS:
            yield system(method, "gpl"), system("dense")
            yield system(method, "gpl"), system("dense", "gpl")
        yield system("jpq", "gpl"), system("opq")
        yield system("bpr", "gpl-defect"), system("bpr", "gpl")


STUDY = LearningToHash()
