"""The pydocs collection, shown: sizes, examples, the lexical gap between topics and documents, and one
docstring as a language model reads it.

No paper and no claims: this study exists so that a reader of the others can see what their text is, and
what it can and cannot stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Parameters, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.experiment.values import misfit
from reprise.studies.language_units.docstring import read_docstring
from reprise.studies.language_units.model import ROLE, LanguageModelSpec, model_requirements, model_unit
from reprise.studies.retrieval_units.collections import (
    CollectionSpec,
    collection_unit,
    describe_dataset,
    open_collection,
)

OVERLAP = "lexical overlap"
"""Share of a topic's words that stand in the document it looks for."""


class PydocsParameters(Parameters):
    """Which cut of the collection is described, how many topics are shown in full, and the model that
    reads."""

    collection: CollectionSpec = CollectionSpec(name="pydocs")
    examples: Annotated[int, Field(ge=1, le=20)] = 3
    model: LanguageModelSpec = LanguageModelSpec()

    @model_validator(mode="after")
    def _is_pydocs(self) -> PydocsParameters:
        if self.collection.name != "pydocs":
            raise misfit("collection.name", 'must be "pydocs", which this study shows', self.collection.name)
        if self.collection.options.get("max_train") == 0:
            raise misfit("collection.options.max_train", "must be at least 1: training queries are shown", 0)
        return self


class Pydocs(Study):
    """The study; see the module's docstring."""

    name = "pydocs"
    Parameters = PydocsParameters

    def requirements(self, parameters: PydocsParameters) -> list[Requirement]:
        return model_requirements(parameters.model)

    def units(self, parameters: PydocsParameters) -> list[Unit]:
        spec = parameters.collection
        prepare = collection_unit(spec)
        model = model_unit(parameters.model)
        return [
            prepare,
            Unit(
                f"describe/{spec.name}",
                describe,
                {"examples": parameters.examples},
                {"collection": prepare.name},
                memory_gb=2.0,
            ),
            model,
            Unit(
                f"read/{spec.name}",
                read_docstring,
                {"precision": parameters.model.precision},
                {"collection": prepare.name, ROLE: model.name},
                seed=seed_for(self.name, "read", spec.name),
                memory_gb=3.0,
            ),
        ]

    def collect(self, parameters: PydocsParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        prepared = values[f"collection/{parameters.collection.name}"]
        described = values[f"describe/{parameters.collection.name}"]
        read = values[f"read/{parameters.collection.name}"]
        return {
            "datasets": {"pydocs": {**describe_dataset(prepared, {}), "topics": {}}},
            "comparisons": [],
            **described,
            "questions": read["questions"],
            "completions": read["completions"],
            "perplexity": read["cells"],
        }

    def tables(self, results: Any) -> list[TableSpec]:
        return [
            TableSpec(
                "sizes",
                "Documents, topics and training queries by library",
                [(name, {"domain": name}) for name in results.cells.values("domain")],
                [m for m in results.cells.values("measure") if m != OVERLAP],
                best="none",
                row_title="library",
            ),
            TableSpec(
                "perplexity",
                "One docstring, and how well the language model foresees its tokens",
                [(name, {"document": name}) for name in results.cells_of("perplexity").values("document")],
                ["perplexity", "tokens"],
                cells="perplexity",
                best="none",
                row_title="docstring",
            ),
        ]

    def figures(self, results: Any) -> list[FigureSpec]:
        caption = "Share of a test topic's words that stand in the document it looks for, by library"
        return [FigureSpec("lexical-gap", caption, "bars", {"measures": [OVERLAP], "colour_by": "dataset"})]


STUDY = Pydocs()


def describe(context: Any, *, examples: int) -> dict[str, Any]:
    """Counts by library, the share of topic words that stand in a relevant document, and some topics."""
    from reprise.data.lexical_gap import examples as show
    from reprise.data.lexical_gap import lexical_overlap

    collection = open_collection(context)
    counts = {
        "documents": [d.domain for d in collection.documents],
        "dev topics": [t.domain for t in collection.split("dev").topics],
        "test topics": [t.domain for t in collection.split("test").topics],
        "training queries": [t.domain for t in collection.split("train").topics],
    }
    cells = [
        {
            "dataset": "pydocs",
            "measure": measure,
            "factors": {"domain": domain},
            "value": float(found.count(domain)),
        }
        for domain in [*collection.domains]
        for measure, found in counts.items()
    ]
    cells += [
        {"dataset": "pydocs", "measure": measure, "factors": {"domain": "all"}, "value": float(len(found))}
        for measure, found in counts.items()
    ]
    cells += [
        {"dataset": "pydocs", "measure": OVERLAP, "factors": {"domain": domain}, "value": share}
        for domain, share in lexical_overlap(collection, "test").items()
    ]
    return {"cells": cells, "examples": show(collection, "test", examples)}
