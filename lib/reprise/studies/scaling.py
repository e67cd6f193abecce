"""Scaling: what encoding, indexing and searching cost as a collection grows.

No paper and no claims: this study measures the package itself, on as many passages as two cores can take,
so that somebody with a larger collection knows what it will cost before beginning. Texts are windows of
pydocs, repeated; vectors are those of the encoded passages, copied with noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from reprise.experiment.precision import Precision
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Parameters, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.experiment.values import (
    Count,
    Depth,
    Name,
    Several,
    Tokens,
    Workers,
    misfit,
)
from reprise.retrieval.checkpoint import MINILM
from reprise.studies.retrieval_units.collections import CollectionSpec, collection_unit
from reprise.studies.retrieval_units.requirements import checkpoint_requirements, collection_requirements
from reprise.studies.retrieval_units.values import Checkpoint
from reprise.studies.scaling_units import measure
from reprise.studies.scaling_units.extrapolate import extrapolate
from reprise.studies.scaling_units.gpu import H100, GpuRates, gpu_hours

Passages = Annotated[int, Field(ge=1, le=10**15)]
"""Of collections that are only reckoned with."""


class ScalingParameters(Parameters):
    """Sizes in passages of `words` words (MS MARCO's have 56 on average); the smallest size is encoded.

    The encoding is split into `shards` units, which run beside each other. `targets` are the sizes that are
    extrapolated to. `gpu` holds what `reprise bench gpu` said on a machine with a GPU.
    """

    collection: CollectionSpec = CollectionSpec(name="pydocs")
    sizes: Several[Count] = (10_000, 100_000, 1_000_000)
    words: Annotated[int, Field(ge=1, le=100_000)] = 56
    shards: Workers = 2
    encoder: Checkpoint = MINILM
    precision: Precision = "auto"
    max_document_tokens: Tokens = 128
    queries: Count = 20
    depth: Depth = 1000
    gpu: GpuRates = H100
    targets: Annotated[dict[Name, Passages], Field(min_length=1)] = {
        "MS MARCO, 8.8 million": 8_841_823,
        "a billion": 1_000_000_000,
    }

    @model_validator(mode="after")
    def _ordered(self) -> ScalingParameters:
        if list(self.sizes) != sorted(self.sizes):
            raise misfit("sizes", "must grow", self.sizes)
        if self.sizes[0] < self.shards:
            raise misfit("shards", f"must be at most the smallest of sizes, {self.sizes[0]}", self.shards)
        return self


class Scaling(Study):
    """The study; see the module's docstring."""

    name = "scaling"
    timings = (*measure.TIMINGS, "work", "seconds", "peak_memory_gb")
    Parameters = ScalingParameters

    def requirements(self, parameters: ScalingParameters) -> list[Requirement]:
        spec, encoder = parameters.collection, parameters.encoder
        return [*collection_requirements([spec]), *checkpoint_requirements([encoder])]

    def units(self, parameters: ScalingParameters) -> list[Unit]:
        p = parameters
        collection = collection_unit(p.collection)
        units = [collection]
        for size in p.sizes:
            units.append(
                Unit(
                    f"texts/{size}",
                    measure.write_texts,
                    {"count": size, "words": p.words},
                    {"collection": collection.name},
                    memory_gb=2.0,
                )
            )
        smallest = p.sizes[0]
        shards = {f"shard/{n}": f"encode/{smallest}/{n}-of-{p.shards}" for n in range(p.shards)}
        units += [
            Unit(
                name,
                measure.encode_part,
                {
                    "shard": number,
                    "shards": p.shards,
                    "encoder": p.encoder,
                    "precision": p.precision,
                    "max_document_tokens": p.max_document_tokens,
                },
                {"passages": f"texts/{smallest}"},
                memory_gb=2.0,
            )
            for number, name in enumerate(shards.values())
        ]
        vectors = Unit(f"vectors/{smallest}", measure.summarise_encoding, {"shards": p.shards}, shards)
        units.append(vectors)
        for size in p.sizes:
            searched = {"count": size, "queries": p.queries, "depth": min(p.depth, size)}
            seed = seed_for(self.name, "queries", str(size))
            units += [
                Unit(
                    f"dense/{size}",
                    measure.measure_dense,
                    searched,
                    {"vectors": vectors.name},
                    seed=seed,
                    memory_gb=4.0,
                ),
                Unit(
                    f"bm25/{size}",
                    measure.measure_bm25,
                    searched,
                    {"passages": f"texts/{size}"},
                    seed=seed,
                    memory_gb=4.0,
                ),
            ]
        return units

    def collect(self, parameters: ScalingParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        cells = [cell for value in values.values() for cell in value.get("cells", ())]
        dim = values[f"dense/{parameters.sizes[0]}"]["dimension"]
        work, memory = extrapolate(cells, parameters.targets, dim)
        return {
            "datasets": {
                "passages": {"topics": {}, "words": parameters.words, "dimension": dim},
                "extrapolated": {"topics": {}, "targets": parameters.targets},
            },
            "cells": cells,
            "work": work,
            "memory": memory,
            "gpu": gpu_hours(parameters.gpu),
            "comparisons": [],
        }

    def tables(self, results: Any) -> list[TableSpec]:
        sizes = results.cells.values("passages")
        work, memory = results.cells_of("work"), results.cells_of("memory")
        gpu = results.cells_of("gpu")
        made = [
            TableSpec(
                "measured",
                "What was measured, by number of passages; search on one core, the machine as it is",
                [(f"{int(size):,}", {"passages": size}) for size in sizes],
                results.cells.values("measure"),
                datasets=["passages"],
                best="none",
                row_title="passages",
            ),
            TableSpec(
                "work",
                "Extrapolated: time and disk. Core-hours are this machine's, with the embedded encoder",
                [(target, {"target": target}) for target in work.values("target")],
                work.values("measure"),
                cells="work",
                best="none",
                row_title="collection",
            ),
            TableSpec(
                "memory",
                "Extrapolated: what each faiss index type keeps in memory, and the machines that hold it",
                [
                    row
                    for target in memory.values("target")
                    for row in [
                        (target, {}),
                        *(
                            (index, {"target": target, "index": index})
                            for index in memory.select(target=target).values("index")
                        ),
                    ]
                ],
                memory.values("measure"),
                cells="memory",
                best="none",
                row_title="index",
            ),
        ]
        if len(gpu):
            machine = results.parameters["gpu"]["machine"]
            made.append(
                TableSpec(
                    "gpu",
                    f"Reckoned: GPU-hours of the papers' largest pieces of work, at the rates of {machine}",
                    [(work, {"work": work}) for work in gpu.values("work")],
                    gpu.values("measure"),
                    cells="gpu",
                    best="none",
                    row_title="work",
                )
            )
        return made

    def figures(self, results: Any) -> list[FigureSpec]:
        return [
            FigureSpec(
                "latency",
                "Milliseconds of flat search for one query on one core, by number of passages",
                "curve",
                {"x": "passages", "measure": "dense: ms a query", "log": True},
            )
        ]


STUDY = Scaling()
