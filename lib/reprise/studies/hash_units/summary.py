"""From the cells of units to those of the study: averages over targets, changes, gains, seeds, sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reprise.studies.hash_units.cost import dataset_name
from reprise.studies.hash_units.spec import LearningToHashParameters, group_of
from reprise.studies.retrieval_units.collections import describe_dataset

MEASURE = "nDCG@10"
RELATIVE = "change against uncompressed, %"
GAIN = "gain by adaptation, %"
POINTS = "points over uncompressed"
SIZES = ("index bytes", "bytes per vector")
CODES = ("bit balance", "bit entropy", "orthants per document")
"""Measures of an index or of its codes as they are: of these documents, and none sampled."""
TIMES = ("ms per query", "ms per query, batched")


def gather(values: Mapping[str, Any], kind: str, key: str) -> list[Any]:
    """What all units of a kind have under a key, one list."""
    return [item for name, value in values.items() if name.startswith(f"{kind}/") for item in value[key]]


def once(cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each cell once: a system's size is the same for every seed."""
    return list({(c["dataset"], c["measure"], *sorted(c["factors"].items())): c for c in cells}.values())


def averages(
    cells: Sequence[Mapping[str, Any]], targets: Sequence[str], measures: Sequence[str]
) -> list[dict[str, Any]]:
    """The mean over targets of every system that all targets have, and what follows from it.

    Parts of one set ("cqadupstack/android") are averaged first and count as one target.
    """
    table: dict[tuple[str, str, str], dict[str, float]] = {}
    for c in cells:
        if c["dataset"] in targets:
            key = (c["measure"], c["factors"]["method"], c["factors"]["adaptation"])
            table.setdefault(key, {})[c["dataset"]] = c["value"]
    whole_sets = {key: _by_set(values) for key, values in table.items() if len(values) == len(targets)}
    means = {key: sum(by.values()) / len(by) for key, by in whole_sets.items()}
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
                        {"n": len(samples), "samples": samples}
                        if name in measures and len(samples := whole_sets[measure, method, how]) > 1
                        else {}
                    ),
                }
            )
    return found


def weights_of(targets: Sequence[str]) -> dict[str, float]:
    """The weight of every target in an average: sets weigh the same, and so do the parts of a set.

    >>> weights_of(["scifact", "cqadupstack/android", "cqadupstack/unix"])
    {'scifact': 0.5, 'cqadupstack/android': 0.25, 'cqadupstack/unix': 0.25}
    """
    sets: dict[str, list[str]] = {}
    for target in targets:
        sets.setdefault(group_of(target), []).append(target)
    return {target: 1 / len(sets) / len(parts) for parts in sets.values() for target in parts}


def _by_set(values: Mapping[str, float]) -> dict[str, float]:
    """Values by target as values by set, the mean of its parts."""
    sets: dict[str, list[float]] = {}
    for target, value in values.items():
        sets.setdefault(group_of(target), []).append(value)
    return {name: sum(parts) / len(parts) for name, parts in sets.items()}


def by_size(timed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What indexes weigh and take, the number of vectors as a factor, so that a curve can go along it."""
    return [
        {
            **cell,
            "dataset": "synthetic",
            "factors": {**cell["factors"], "vectors": cell["dataset"].rpartition("-")[2]},
        }
        for cell in timed
    ]


def by_seed(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The mean of every trained system over topics, a cell a seed, so that the spread can be seen."""
    found = []
    for name, value in values.items():
        parts = name.split("/")
        if parts[0] == "evaluate" and parts[-1].isdigit() and parts[1] != "untrained":
            for cell in value["cells"]:
                kept = {k: cell[k] for k in ("dataset", "measure", "value")}
                found.append({**kept, "factors": {**cell["factors"], "seed": parts[-1]}})
    return found


def tradeoff(
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
        for c in once(sizes)
        if (c["dataset"], c["measure"]) == (targets[0], "bytes per vector") and c["factors"] in known
    ]
    return [*means, *nominal]


def describe_datasets(p: LearningToHashParameters, values: Mapping[str, Any]) -> dict[str, Any]:
    """What every dataset of the results is."""
    described: dict[str, Any] = {}
    for domain, spec in {"source": p.source, **p.targets}.items():
        prepared = values[f"collection/{domain}"]
        described[domain] = {
            **describe_dataset(prepared, values[f"vectors/base/{domain}"]),
            "options": spec.options,
            "split": spec.splits[0],
            "topics": values[f"evaluate/untrained/{domain}"]["topics"],
        }
    described["average"] = {"of": list(p.targets), "topics": {}}
    for count in p.cost.sizes:
        described[dataset_name(count)] = {"vectors": count, "dimension": p.cost.dim, "topics": {}}
    return described
