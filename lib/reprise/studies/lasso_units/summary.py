"""The unit that makes cells and comparisons of the image tasks: means over seeds a target, tests over
targets.

A sample is a target task, its value the mean over seeds. The ten targets of a kind share images and sources,
so what is tested is the mean of each kind: whether a difference holds over kinds. The family of a correction
is all pairs of strategies that are tested for one image set, representation and measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from reprise.evaluation.cells import Cell
from reprise.evaluation.contrast import by_cluster

TESTED = ("balanced error", "error", "AUC")
FAMILY = "all pairs of strategies tested on this image set, with this representation, by this measure"


def summarise_images(
    context: Any,
    *,
    dataset: str,
    factors: Mapping[str, str],
    kinds: Sequence[str],
    runs: Mapping[str, list[str]],
    strategies: Sequence[str],
    pairs: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Cells, comparisons, curves over epochs and wins of one representation; `runs` are units by seed."""
    seeds = [_merge([context.value(role)["outcome"] for role in roles]) for roles in runs.values()]
    cells, curves = {}, []
    for strategy in strategies:
        entries = seeds[0][next(iter(seeds[0]))][strategy]
        for number in range(len(entries)):
            for measure in entries[number]:
                samples = _samples(seeds, strategy, number, measure, kinds)
                said = {**factors, "strategy": strategy}
                if number == len(entries) - 1:
                    cells[strategy, measure] = _cell(dataset, measure, said, samples)
                if len(entries) > 1:
                    curves.append(_cell(dataset, measure, {**said, "epoch": str(number + 1)}, samples))
    return {
        "cells": [as_record(cell) for cell in cells.values()],
        "curves": [as_record(cell) for cell in curves],
        "comparisons": _compare(context, cells, pairs),
        "wins": _count_wins(cells, pairs),
    }


def _merge(outcomes: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """Outcomes by number of kind, from the units that share a seed."""
    return {int(kind): found for outcome in outcomes for kind, found in outcome.items()}


def _samples(
    seeds: Sequence[Mapping[int, Any]], strategy: str, epoch: int, measure: str, kinds: Sequence[str]
) -> dict[str, float]:
    """The mean over seeds of every target, by its name "kind/digit"."""
    values = [{kind: found[strategy][epoch][measure] for kind, found in seed.items()} for seed in seeds]
    return {
        f"{kinds[kind]}/{digit}": float(np.mean([seed[kind][digit] for seed in values]))
        for kind in sorted(values[0])
        for digit in range(len(values[0][kind]))
    }


def _cell(dataset: str, measure: str, factors: Mapping[str, str], samples: Mapping[str, float]) -> Cell:
    return Cell(
        dataset, measure, dict(factors), float(np.mean(list(samples.values()))), len(samples), samples
    )


def as_record(cell: Cell) -> dict[str, Any]:
    """The cell as results.json has it."""
    return {
        "dataset": cell.dataset,
        "measure": cell.measure,
        "factors": dict(cell.factors),
        "value": cell.value,
        "n": cell.n,
        "samples": dict(cell.samples),
    }


def _compare(
    context: Any, cells: Mapping[tuple[str, str], Cell], pairs: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    from reprise.evaluation.significance import compare_family

    kinds = {key: replace(cell, samples=by_cluster(cell.samples)) for key, cell in cells.items()}
    generator = np.random.default_rng(context.seed)
    compared = []
    for measure in TESTED:
        family = [
            (kinds[left, measure], kinds[right, measure])
            for left, right in pairs
            if (left, measure) in cells and (right, measure) in cells
        ]
        found = compare_family(family, family=FAMILY, correction="holm", interval="bca", generator=generator)
        compared += [comparison.to_dict() for comparison in found]
    return compared


def _count_wins(
    cells: Mapping[tuple[str, str], Cell], pairs: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """For each pair, on how many targets the left strategy errs less, as much, or more."""
    counted = []
    for left, right in pairs:
        if (left, "balanced error") not in cells or (right, "balanced error") not in cells:
            continue
        one, other = cells[left, "balanced error"], cells[right, "balanced error"]
        gaps = np.array([one.samples[target] - other.samples[target] for target in one.samples])
        for measure, count in (
            ("targets won", (gaps < -1e-9).sum()),
            ("targets tied", (np.abs(gaps) <= 1e-9).sum()),
            ("targets lost", (gaps > 1e-9).sum()),
        ):
            factors = {**one.factors, "strategy": left, "against": right}
            counted.append(
                {
                    "dataset": one.dataset,
                    "measure": measure,
                    "factors": factors,
                    "value": int(count),
                    "n": len(gaps),
                }
            )
    return counted
