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

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.studies.hash_units.compare import average_seeds, compare_systems
from reprise.studies.hash_units.cost import dataset_name
from reprise.studies.hash_units.plan import BEYOND, UNTRAINED, HashPlan
from reprise.studies.hash_units.spec import ADAPTATIONS, SYSTEMS, LearningToHashParameters
from reprise.studies.retrieval_units.plan import DenseSpec, RetrievalParameters
from reprise.studies.retrieval_units.requirements import present_collections, retrieval_requirements

NAMES = {
    "dense": "uncompressed",
    "fp16": "half precision",
    "sq8": "8-bit scalar",
    "pca": "PCA, as in the paper",
    "pca-fair": "PCA, without the offset",
    "pq": "PQ",
    "opq": "OPQ",
    "opq-source": "OPQ, source codebook",
    "lsh": "LSH",
    "itq": "ITQ",
    "bpr": "BPR",
    "jpq": "JPQ",
    "signs": "sign bits, rescored",
    "signs-hamming": "sign bits, Hamming only",
    "rabitq": "RaBitQ, 1 bit",
    "truncated": "first dimensions",
    "none": "not adapted",
    "genq": "GenQ",
    "gpl": "GPL",
    "gpl-defect": "GPL, released loss",
    "source": "source (in domain)",
    "average": "average of targets",
    "summary": "the real training query",
    "seq2seq": "sequence to sequence",
}

MEASURE = "nDCG@10"
RELATIVE = "change against uncompressed, %"
GAIN = "gain by adaptation, %"
POINTS = "points over uncompressed"
TIMES = ("ms per query", "ms per query, batched")


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
    Parameters = LearningToHashParameters

    def requirements(self, parameters: LearningToHashParameters) -> list[Requirement]:
        return retrieval_requirements(_outside(parameters))

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
        raw = _gather(values, "evaluate", "cells")
        cells = average_seeds(raw)
        cells += _averages(cells, list(p.targets), list(p.measures))
        timed = _gather(values, "cost", "cells")
        where = _gather(values, "orthants", "cells")
        where += _averages(where, list(p.targets), [])
        return {
            "datasets": _datasets(p, values),
            "cells": [*cells, *where, *timed],
            "sizes": _once(_gather(values, "evaluate", "sizes")),
            "seeds": _by_seed(values),
            "tradeoff": _tradeoff(cells, _gather(values, "evaluate", "sizes"), list(p.targets)),
            "occupancy": _gather(values, "orthants", "occupancy"),
            "quality": _gather(values, "quality", "cells"),
            "generated": {
                name.split("/")[1]: value for name, value in values.items() if name.startswith("queries/")
            },
            "labelled": {
                name.split("/")[1]: value for name, value in values.items() if name.startswith("labels/")
            },
            "left_out": sorted(set(parameters.targets) - set(p.targets)),
            "comparisons": _gather(values, "compare", "comparisons"),
        }

    def tables(self, results: Any) -> list[TableSpec]:
        there = {(c["method"], c["adaptation"]) for c in results.cells}
        tables = [
            TableSpec(
                "effectiveness",
                "nDCG@10 of every method on the source, on each target and on average",
                _rows(there, UNTRAINED, "Without training", adapted=True),
                [MEASURE],
                baseline={"method": "dense", "adaptation": "none"},
                paper_table="main table",
            ),
            TableSpec(
                "relative",
                "Average over targets, change against the uncompressed retriever, gain by adaptation",
                _rows(there, UNTRAINED, "Without training", adapted=True),
                [MEASURE, RELATIVE, GAIN],
                datasets=[d for d in results.cells.values("dataset") if d in ("average", "BEIR-18")],
            ),
            TableSpec(
                "beyond",
                "What can be had today at about 32 times, without training and without adaptation",
                _rows(there, ("dense", *BEYOND, "opq", "itq"), "Without training", adapted=False),
                [MEASURE],
                baseline={"method": "dense", "adaptation": "none"},
            ),
            TableSpec(
                "cost",
                "Size, time and fidelity on synthetic vectors, one thread; times are this machine's",
                [
                    (NAMES[m], {"method": m, "adaptation": "none"})
                    for m in ("dense", "sq8", "bpr", "jpq", "rabitq")
                    if (m, "none") in there
                ],
                ["bytes per vector", "index bytes", "overlap with exact", *TIMES],
                datasets=[
                    d for d in results.cells.values("dataset") if d.startswith(("synthetic", "wikipedia"))
                ],
                lower=["bytes per vector", "index bytes", *TIMES],
                best="none",
            ),
            TableSpec(
                "orthants",
                "Where the sign codes of a domain lie",
                [
                    (_label(m, a), {"method": m, "adaptation": a})
                    for m, a in (("signs", "none"), ("bpr", "none"), ("bpr", "genq"), ("bpr", "gpl"))
                    if (m, a) in there
                ],
                ["bit balance", "bit entropy", "orthants per document"],
            ),
        ]
        known = set(results.cells.values("measure"))
        kept = [t for t in tables if set(t.measures) <= known]
        if results.body.get("quality"):
            kept.append(
                TableSpec(
                    "generators",
                    "How good the query generators are, on held-out documents of the source",
                    [(NAMES.get(g, g), {"generator": g}) for g in ("summary", "extractive", "seq2seq")],
                    ["round trip", "word overlap"],
                    datasets=["source, held out"],
                    cells="quality",
                    best="none",
                )
            )
        return kept

    def figures(self, results: Any) -> list[FigureSpec]:
        shown = [d for d in results.cells.values("dataset") if d in results.parameters["targets"]]
        return [
            FigureSpec(
                "adaptation",
                "Effectiveness on the source and on the average target, before and after adaptation, with "
                "95 % intervals over topics or targets",
                "bars",
                {
                    "measures": [MEASURE],
                    "select": {
                        "method": ["dense", *SYSTEMS],
                        "adaptation": ["none", *ADAPTATIONS],
                        "dataset": ["source", "average"],
                    },
                },
            ),
            FigureSpec(
                "occupancy",
                "The share of pairs of documents whose codes lie within a Hamming radius, a share of the "
                "bits: the more to the left, the fewer orthants",
                "curve",
                {
                    "cells": "occupancy",
                    "x": "radius",
                    "measure": "radius occupancy",
                    "series": "adaptation",
                    "facets": ["dataset"],
                    "select": {"method": "bpr", "dataset": ["source", *shown]},
                    "x_label": "Hamming radius, share of the bits",
                },
            ),
            FigureSpec(
                "balance",
                "Balance of the bits of each domain's codes, before and after adaptation",
                "bars",
                {"measures": ["bit balance"], "select": {"method": ["signs", "bpr"]}},
            ),
            FigureSpec(
                "size",
                "Size of a vector's code against the average of the targets",
                "scatter",
                {
                    "cells": "tradeoff",
                    "x": "bytes per vector",
                    "y": MEASURE,
                    "colour_by": "method",
                    "label_by": "method",
                    "log_x": True,
                    "intervals": False,
                },
            ),
        ]


def _present(parameters: LearningToHashParameters) -> LearningToHashParameters:
    """The parameters with the targets that are here; the same ones unless `skip_missing`."""
    if not parameters.skip_missing:
        return parameters
    here = present_collections(
        RetrievalParameters(collections=tuple(parameters.targets.values()), skip_missing=True)
    )
    kept = {name: spec for name, spec in parameters.targets.items() if spec in here[0]}
    return parameters.model_copy(update={"targets": kept})


def _outside(p: LearningToHashParameters) -> RetrievalParameters:
    """What has to be fetched, in the terms in which retrieval studies say it."""
    released = [r for pair in p.released.values() for r in ([pair] if isinstance(pair, str) else pair)]
    named = [
        *((name,) if name else () for name in (p.base, p.teacher, p.adaptation.released_generator)),
        p.adaptation.miners,
        [r.format(dataset=d) for r in released for d in (p.targets if "{dataset}" in r else ["source"])],
    ]
    checkpoints = dict.fromkeys(name for group in named for name in group)
    return RetrievalParameters(
        collections=(p.source, *p.targets.values()),
        dense=tuple(DenseSpec(name=name, encoder=name) for name in checkpoints),
        skip_missing=p.skip_missing,
    )


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


def _gather(values: Mapping[str, Any], kind: str, key: str) -> list[Any]:
    """What all units of a kind have under a key, one list."""
    return [item for name, value in values.items() if name.startswith(f"{kind}/") for item in value[key]]


def _once(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each cell once: a system's size is the same for every seed."""
    return list({(c["dataset"], c["measure"], *sorted(c["factors"].items())): c for c in cells}.values())


def _averages(
    cells: Sequence[Mapping[str, Any]], targets: Sequence[str], measures: Sequence[str]
) -> list[dict[str, Any]]:
    """The mean over targets of every system that all targets have, and what follows from it."""
    table: dict[tuple[str, str, str], dict[str, float]] = {}
    for c in cells:
        if c["dataset"] in targets:
            key = (c["measure"], c["factors"]["method"], c["factors"]["adaptation"])
            table.setdefault(key, {})[c["dataset"]] = c["value"]
    means = {key: sum(by.values()) / len(by) for key, by in table.items() if len(by) == len(targets)}
    found = []
    for (measure, method, how), value in means.items():
        derived = {measure: value}
        if measure == MEASURE:
            whole, before = means[measure, "dense", "none"], means.get((measure, method, "none"))
            if whole and (method, how) != ("dense", "none"):
                derived[RELATIVE] = 100 * (value / whole - 1)
                derived[POINTS] = 100 * (value - whole)
            if before and how != "none":
                derived[GAIN] = 100 * (value / before - 1)
        for name, number in derived.items():
            found.append(
                {
                    "dataset": "average",
                    "measure": name,
                    "factors": {"method": method, "adaptation": how},
                    "value": number,
                    **(
                        {"n": len(targets), "samples": dict(table[measure, method, how])}
                        if name in measures and len(targets) > 1
                        else {}
                    ),
                }
            )
    return found


def _by_seed(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The mean of every trained system over topics, a cell a seed, so that the spread can be seen."""
    found = []
    for name, value in values.items():
        parts = name.split("/")
        if parts[0] == "evaluate" and parts[-1].isdigit() and parts[1] != "untrained":
            for cell in value["cells"]:
                kept = {k: cell[k] for k in ("dataset", "measure", "value")}
                found.append({**kept, "factors": {**cell["factors"], "seed": parts[-1]}})
    return found


def _tradeoff(
    cells: Sequence[Mapping[str, Any]], sizes: Sequence[Mapping[str, Any]], targets: Sequence[str]
) -> list[dict[str, Any]]:
    """Average effectiveness and nominal size of every system that was not adapted."""
    means = [
        {k: c[k] for k in ("dataset", "measure", "factors", "value")}
        for c in cells
        if (c["dataset"], c["measure"]) == ("average", MEASURE) and c["factors"]["adaptation"] == "none"
    ]
    known = [c["factors"] for c in means]
    nominal = [
        {**c, "dataset": "average"}
        for c in _once(sizes)
        if (c["dataset"], c["measure"]) == (targets[0], "bytes per vector") and c["factors"] in known
    ]
    return [*means, *nominal]


def _datasets(p: LearningToHashParameters, values: Mapping[str, Any]) -> dict[str, Any]:
    """What every dataset of the results is."""
    described: dict[str, Any] = {}
    for domain, spec in {"source": p.source, **p.targets}.items():
        prepared = values[f"collection/{domain}"]
        described[domain] = {
            "collection": spec.name,
            "options": spec.options,
            "split": spec.splits[0],
            "topics": values[f"evaluate/untrained/{domain}"]["topics"],
            **{k: prepared[k] for k in ("fingerprint", "relevance_threshold", "statistics")},
        }
    described["average"] = {"of": list(p.targets), "topics": {}}
    for count in p.cost.sizes:
        described[dataset_name(count)] = {"vectors": count, "dimension": p.cost.dim, "topics": {}}
    return described


def _label(method: str, how: str) -> str:
    return NAMES[method] if how == "none" else f"{NAMES[method]} + {NAMES[how]}"


def _rows(
    there: set[tuple[str, str]], untrained: Sequence[str], heading: str, adapted: bool
) -> list[tuple[str, dict[str, str]]]:
    """Rows of a table: methods without training, then each system before and after adaptation."""
    rows: list[tuple[str, dict[str, str]]] = [(heading, {})]
    rows += [(NAMES[m], {"method": m, "adaptation": "none"}) for m in untrained if (m, "none") in there]
    hows = ("none", *ADAPTATIONS, "gpl-defect")
    for method in ("bpr", "jpq", *(("dense",) if adapted else ())) if adapted else SYSTEMS:
        own = [
            (_label(method, how), {"method": method, "adaptation": how})
            for how in (hows if adapted else hows[:1])
            if (method, how) in there and (method, how) != ("dense", "none")
        ]
        rows += [(NAMES[method], {}), *own] if own else []
    return rows


STUDY = LearningToHash()
