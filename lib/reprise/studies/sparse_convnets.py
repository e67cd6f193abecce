"""Fast Sparse ConvNets (arXiv 1911.09723): are pruned convolutional networks faster at equal accuracy?

The paper's contribution is its kernels, so here the kernels are written anew (`reprise.sparsity`) and
measured on the machine at hand, where the paper measured a Snapdragon 835. Weights of the networks that are
timed are drawn at the paper's sparsities and blocks: the time of a kernel does not depend on what training
leaves, only on where zeros are. Accuracies on ImageNet are the published ones and are labelled so; what is
trained here are small networks on small tasks.

**Timings are not reproducible to the byte.** Everything else is. Cells of timings have the measures
"milliseconds", "times faster" and "useful GFLOP/s" and keep every repetition as a sample; counts ("million
multiply-adds", "million parameters") and accuracies ("accuracy") are exact. A timing's value is the median of
its repetitions. Units that time declare all cores of the machine, so that nothing of this package runs beside
them.

Deviations: the paper's dense rows, its hyper-parameters of pruning and the layout of its cache-aware
network could not be read; dense accuracies are those of two published lists, named with each pair, and the
cache-aware network that is timed follows from a rule of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.evaluation.cells import Cell, Sampling
from reprise.experiment.requirement import Requirement
from reprise.experiment.schedule import machine_size
from reprise.experiment.study import FigureSpec, Paper, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.studies.sparse_units import imagenet, layers, layouts, networks, outside, threads, training
from reprise.studies.sparse_units.matched import NETWORK, matched_cells
from reprise.studies.sparse_units.names import NAMES
from reprise.studies.sparse_units.parameters import (
    Imagenet,
    LayerTable,
    Network,
    Small,
    SparseConvnetsParameters,
    Task,
)
from reprise.studies.sparse_units.requirements import (
    OUTSIDE,
    image_fingerprints,
    image_requirements,
    is_present,
)
from reprise.studies.sparse_units.timing import added

TIMED_UNITS = ("layers", "network", "threads", "layouts")
TIMED = ("milliseconds", "times faster", "useful GFLOP/s", "spells set aside")
"""Measures whose values differ from run to run."""

__all__ = ["NAMES", "STUDY"]


class SparseConvnets(Study):
    """The study; see the module's docstring."""

    name = "sparse_convnets"
    timings = (*TIMED, "peak", "peak_gflops", "timing")
    paper = Paper(
        title="Fast Sparse ConvNets",
        authors="Elsen, Dukhan, Gale, Simonyan",
        venue="CVPR 2020",
        arxiv="1911.09723",
        question="With kernels made for them, are sparse MobileNets and EfficientNets faster than dense "
        "ones of the same accuracy?",
    )
    Parameters = SparseConvnetsParameters

    def requirements(self, parameters: SparseConvnetsParameters) -> list[Requirement]:
        outside = ["imagenet"] if parameters.imagenet else []
        tasks = image_requirements((task.task for task in parameters.tasks), parameters.skip_missing)
        return [*tasks, *image_requirements(outside)]

    def units(self, parameters: SparseConvnetsParameters) -> list[Unit]:
        p, cores = parameters, machine_size()[0]
        timing = {"repeats": p.timing.repeats, "seconds": p.timing.seconds}
        units = [Unit("host", layers.measure_host, {"repeats": p.timing.repeats}, threads=cores)]
        units += [self._layers(p, table, timing, cores) for table in p.layer_tables]
        units += [self._network(p, network, timing, cores) for network in p.networks]
        first = next((n for n in p.networks if n.variants), None)
        if first is not None:
            about = {"network": first.network, "sparsity": 0.9, "threads": min(cores, 2), "side": first.side}
            about |= {**timing, "spells": p.timing.spells}
            seed = seed_for(self.name, "threads", first.network)
            units.append(Unit("threads", threads.time_threads, about, seed=seed, threads=cores))
        if p.layouts:
            about = {**p.layouts.model_dump(exclude={"cell_timeout"}), **timing}
            seed = seed_for(self.name, "layouts", "mobilenet-v2")
            units.append(Unit("layouts", layouts.time_layouts, about, seed=seed, threads=cores))
        for task in _present(p):
            units += self._task(task, timing, cores)
        return units + (self._imagenet(p.imagenet) if p.imagenet else [])

    def _imagenet(self, p: Imagenet) -> list[Unit]:
        shared = p.model_dump(exclude={"networks", "cell_timeout"})
        return [
            Unit(
                f"imagenet/{n.network}-{n.width:g}/{v.sparsity:g}-{v.block}",
                imagenet.train_imagenet,
                {
                    **n.model_dump(include={"network", "width", "side"}),
                    **v.model_dump(include={"sparsity", "block"}),
                    **shared,
                },
                inputs=image_fingerprints(["imagenet"]),
                seed=seed_for(self.name, f"{n.network}-{n.width:g}-{v.sparsity:g}", "imagenet"),
                threads=max(p.workers, 1),
                memory_gb=8,
                gpu=True,
            )
            for n in p.networks
            for v in n.variants
        ]

    def _layers(
        self, p: SparseConvnetsParameters, table: LayerTable, timing: dict[str, Any], cores: int
    ) -> Unit:
        about = {**table.model_dump(exclude={"cell_timeout"}), "peers": p.layer_peers, **timing}
        seed = seed_for(self.name, "layers", table.network)
        return Unit(f"layers/{table.network}", layers.time_layers, about, seed=seed, threads=cores)

    def _network(
        self, p: SparseConvnetsParameters, network: Network, timing: dict[str, Any], cores: int
    ) -> Unit:
        about = {**network.model_dump(), "peers": p.network_peers, **timing}
        name = f"network/{network.label}"
        seed = seed_for(self.name, name, "imagenet")
        return Unit(name, networks.time_network, about, seed=seed, threads=cores, memory_gb=2)

    def _task(self, task: Task, timing: dict[str, Any], cores: int) -> list[Unit]:
        shared = task.model_dump(include={"steps", "batch", "rate", "smoothing", "test"})
        inputs = image_fingerprints([task.task])
        embedded = task.task in outside.EMBEDDED
        train = training.train_small if embedded else outside.train_outside
        measure = training.time_small if embedded else outside.time_outside
        units, first = [], []
        for network in task.networks:
            about = network.model_dump(include={"width", "sparsity", "block", "method"})
            for seed in range(task.seeds):
                units.append(
                    Unit(
                        f"train/{task.task}/{network.label}/{seed}",
                        train,
                        {"task": task.task, **about, **shared},
                        inputs=inputs,
                        seed=seed_for(self.name, network.label, task.task, seed),
                    )
                )
            first.append({"role": network.label, "width": network.width, "factors": _small(network)})
        needs = {n.label: f"train/{task.task}/{n.label}/0" for n in task.networks}
        about = {"task": task.task, "networks": first, **timing}
        return [
            *units,
            Unit(f"latency/{task.task}", measure, about, needs=needs, threads=cores),
        ]

    def collect(self, parameters: SparseConvnetsParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        host = values["host"]
        timed = [v for name, v in values.items() if name.split("/")[0] in TIMED_UNITS]
        cells = [c for value in timed for c in value["cells"]]
        counts = [c for value in timed for c in value.get("counts", [])]
        counts = list(
            {(c["dataset"], c["measure"], *sorted(c["factors"].items())): c for c in counts}.values()
        )
        tasks = _present(parameters)
        trained = [c for task in tasks for c in _trained(task, values)]
        latency = _cells_of(values, "latency")
        matched = matched_cells(parameters.matched, cells, counts)
        return {
            "datasets": _datasets(parameters),
            "left_out": [task.task for task in parameters.tasks if task not in tasks],
            "cells": [*cells, *counts, *matched, *trained, *latency, *_cells_of(values, "imagenet")],
            "comparisons": [],
            "layers": [c for n, v in values.items() if n.startswith("layers/") for c in v["layers"]],
            "machine": {**{k: host[k] for k in ("host", "lanes", "level")}, "peak_gflops": host["peak"]},
            "timed_measures": list(TIMED),
            "timing": added([v["timing"] for v in values.values() if "timing" in v]),
        }

    def sampling(self, cell: Cell) -> Sampling:
        """Rounds of one interleaved timing; runs of training, of which no two networks share any; counts."""
        if cell.measure == "times faster" and cell.dataset == "matched accuracy":
            return Sampling("count")  # of two timings' medians: no round of one belongs to one of the other
        if cell.measure in TIMED:
            part = "network" if cell.dataset == "matched accuracy" else cell["part"]
            network = NETWORK if cell.dataset == "matched accuracy" else cell.dataset
            return Sampling("rounds", f"{network} {part} {cell['width'] if part == 'network' else ''}")
        if cell.measure == "accuracy":
            return Sampling("seeds")
        return Sampling("count")

    def tables(self, results: Any) -> list[TableSpec]:
        from reprise.studies.sparse_units.presentation import tables

        return tables(results)

    def figures(self, results: Any) -> list[FigureSpec]:
        from reprise.studies.sparse_units.presentation import figures

        return figures(results)


def _present(p: SparseConvnetsParameters) -> list[Task]:
    """The tasks whose images are here; all of them unless `skip_missing`."""
    return [task for task in p.tasks if not p.skip_missing or is_present(task.task)]


def _cells_of(values: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The cells of all units of a kind."""
    return [c for name, value in values.items() if name.startswith(f"{kind}/") for c in value["cells"]]


def _small(network: Small) -> dict[str, str]:
    """The factors of a small network."""
    about = {"method": network.method, "width": str(network.width), "sparsity": f"{network.sparsity:g}"}
    if network.method != "dense":
        about["block"] = f"{network.block}x1"
    return about | ({"pair": network.pair} if network.pair else {})


def _trained(task: Task, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accuracy over seeds, and the exact counts, of each network that was trained."""
    cells = []
    for network in task.networks:
        found = [values[f"train/{task.task}/{network.label}/{seed}"] for seed in range(task.seeds)]
        for measure, key, unit in (
            ("accuracy", "accuracy", 1),
            ("thousand multiply-adds", "macs", 1e3),
            ("1x1 share", "macs_1x1", None),
            ("thousand nonzeros", "nonzeros", 1e3),
        ):
            samples = [f[key] / (f["macs"] if unit is None else unit) for f in found]
            cells.append(
                {
                    "dataset": task.task,
                    "measure": measure,
                    "factors": _small(network),
                    "value": sum(samples) / len(samples),
                    "n": len(samples),
                    "samples": {str(i): s for i, s in enumerate(samples)} if key == "accuracy" else {},
                }
            )
    return cells


def _datasets(p: SparseConvnetsParameters) -> dict[str, Any]:
    """What the numbers are on: shapes of layers, random images for timings, image tasks for accuracies."""
    shapes = {t.network: {"kind": "1x1 layers of the network, drawn patterns"} for t in p.layer_tables}
    whole = {n.network: {"kind": "network on a drawn image, drawn patterns"} for n in p.networks}
    tasks = {
        t.task: {
            "kind": "image task",
            "collection": OUTSIDE.get(t.task, t.task),
            "test": min(t.test, training.MOST.get(t.task, t.test)),
            "seeds": t.seeds,
        }
        for t in _present(p)
    }
    matched = {"matched accuracy": {"kind": "published accuracy, time measured here"}} if p.matched else {}
    matched |= {layouts.DATASET: {"kind": "two layouts of MobileNet v2, drawn patterns"}} if p.layouts else {}
    outside = {"imagenet": {"kind": "ImageNet, validation images"}} if p.imagenet else {}
    return {**shapes, **whole, **tasks, **matched, **outside}


STUDY = SparseConvnets()
