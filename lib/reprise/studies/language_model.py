"""The embedded language model, shown: what it is, what it can and cannot do at its size, and how fast it is.

No paper and no claims: the studies of language models run on SmolLM2-135M-Instruct because it comes with a
package, and this one lets their reader see how far its answers carry. Its weights are 4-bit values written
out as floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reprise.experiment.requirement import Requirement
from reprise.experiment.study import FigureSpec, Parameters, Study, TableSpec
from reprise.experiment.unit import Unit, seed_for
from reprise.experiment.values import AtLeastOne, Several, Text, each_once
from reprise.studies.language_units.answer import ACCURACY, answer_set, answer_task
from reprise.studies.language_units.model import (
    ROLE,
    LanguageModelSpec,
    model_requirements,
    model_unit,
)
from reprise.studies.language_units.open_data import OpenPart, is_here, open_inputs, open_questions
from reprise.studies.language_units.read import (
    DECODING,
    LOSS,
    PREFILL,
    TIMINGS,
    read_text,
    time_reading,
    write_text,
)
from reprise.studies.language_units.tasks import NEED_TEXT, code_source
from reprise.studies.retrieval_units.collections import CollectionSpec, collection_unit

NAMES = {
    "countries": "country of a city",
    "summaries": "summary of a docstring",
    "lines": "next line of code",
    "sums": "sums of two digits",
    "products": "products of two digits",
    "needle": "number hidden in text",
    "model": "the model",
}


class Prompt(Parameters):
    """Something to continue: plain text, or what a user says to the chat model."""

    form: Literal["plain", "chat"]
    text: Text


PROMPTS = (
    Prompt(form="plain", text="The capital of France is"),
    Prompt(form="plain", text='def mean(values):\n    """Arithmetic mean of a list of numbers."""\n'),
    Prompt(form="chat", text="Explain in two sentences what a hash table is."),
    Prompt(form="chat", text="What is 17 times 23?"),
)

Length = Annotated[int, Field(ge=2, le=8192)]


class LanguageModelParameters(Parameters):
    """How many questions of each task, how much text, and the lengths and numbers of prompts that are timed.

    `open_sets` are question sets under REPRISE_DATA; those that are not there are left out.
    """

    model: LanguageModelSpec = LanguageModelSpec()
    collection: CollectionSpec = CollectionSpec(name="pydocs")
    tasks: Several[Literal["countries", "summaries", "lines", "sums", "products", "needle"]] = (
        "countries",
        "summaries",
        "lines",
        "sums",
        "products",
        "needle",
    )
    questions: Annotated[int, Field(ge=2, le=2000)] = 64
    open_sets: Annotated[tuple[OpenPart, ...], each_once("name")] = ()
    documents: Annotated[int, Field(ge=2, le=1000)] = 8
    window: Annotated[int, Field(ge=16, le=8192)] = 1024
    prompts: Annotated[AtLeastOne[Prompt], each_once("text")] = PROMPTS
    new_tokens: Annotated[int, Field(ge=1, le=2048)] = 48
    lengths: Several[Length] = (128, 512, 2048, 8192)
    batches: Several[Annotated[int, Field(ge=1, le=256)]] = (1, 4, 16)

    @model_validator(mode="after")
    def _has_text(self) -> LanguageModelParameters:
        if "summaries" in self.tasks:  # which are those of training queries
            self.collection.check_trainable("train", "collection")
        return self


class LanguageModelStudy(Study):
    """The study; see the module's docstring."""

    name = "language_model"
    timings = TIMINGS
    Parameters = LanguageModelParameters

    def requirements(self, parameters: LanguageModelParameters) -> list[Requirement]:
        sets = [open_questions(part) for part in parameters.open_sets]
        return [*model_requirements(parameters.model), *sets]

    def units(self, parameters: LanguageModelParameters) -> list[Unit]:
        from reprise.data.cities import cities_fingerprint
        from reprise.data.pydocs import source_versions

        code = source_versions([code_source()])
        inputs = {"countries": cities_fingerprint(), "lines": code}

        p, spec, precision = parameters, parameters.collection, {"precision": parameters.model.precision}
        model = model_unit(p.model)
        collection = collection_unit(spec)
        text = {ROLE: model.name, "collection": collection.name}
        made = [
            Unit(
                f"task/{task}",
                answer_task,
                {"task": task, "count": p.questions, **precision},
                text if task in NEED_TEXT else {ROLE: model.name},
                inputs=inputs.get(task, {}),
                seed=seed_for(self.name, task, spec.name),
                memory_gb=3.0,
            )
            for task in p.tasks
        ]
        made += [
            Unit(
                f"open/{part.name}",
                answer_set,
                {"name": part.name, "part": part.part, "count": p.questions, **precision},
                {ROLE: model.name},
                inputs=open_inputs("questions", part.name),
                seed=seed_for(self.name, part.part, part.name),
                memory_gb=3.0,
            )
            for part in p.open_sets
            if is_here("questions", part.name)
        ]
        made += [
            Unit(
                f"text/{kind}",
                read_text,
                {"kind": kind, "documents": p.documents, "window": p.window, **precision},
                text,
                inputs=code if kind == "code" else {},
                seed=seed_for(self.name, kind, spec.name),
                memory_gb=3.0,
            )
            for kind in ("prose", "code")
        ]
        prompts = [{"form": prompt.form, "text": prompt.text} for prompt in p.prompts]
        said = {"prompts": prompts, "new_tokens": p.new_tokens, **precision}
        timed = {"lengths": p.lengths, "batches": p.batches, "new_tokens": 16, **precision}
        return [
            model,
            collection,
            *made,
            Unit("write", write_text, said, {ROLE: model.name}, memory_gb=3.0),
            Unit("speed", time_reading, timed, {ROLE: model.name}, memory_gb=4.0),
        ]

    def collect(self, parameters: LanguageModelParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        prepared = values[f"language-model/{parameters.model.name}"]
        left_out = [s.name for s in parameters.open_sets if f"open/{s.name}" not in values]
        odd = [line for value in values.values() for line in value.get("oddities", ())]
        described = {
            "tasks": {"topics": {}, "oddities": odd},
            "text": {"topics": {}, "tokens": parameters.window},
            "speed": {"topics": {}},
        }
        return {
            "datasets": described,
            "model": prepared,
            "cells": [cell for value in values.values() for cell in value.get("cells", ())],
            "questions": [value["example"] for value in values.values() if "example" in value],
            "completions": values["write"]["completions"],
            "comparisons": [],
            **({"left_out": left_out} if left_out else {}),
        }

    def tables(self, results: Any) -> list[TableSpec]:
        return [
            TableSpec(
                "tasks",
                "Questions with options: share answered rightly",
                [
                    row
                    for task in results.cells.select(measure=ACCURACY).values("task")
                    for row in [
                        (NAMES.get(task, task), {}),
                        ("the model", {"task": task, "who": "model"}),
                        ("guessing", {"task": task, "who": "guessing"}),
                    ]
                ],
                [ACCURACY],
                datasets=["tasks"],
                best="block",
                row_title="task",
            ),
            TableSpec(
                "text",
                "Prose and code: perplexity, and mean loss a token",
                [(kind, {"kind": kind, "place": ""}) for kind in ("prose", "code")],
                ["perplexity", LOSS],
                datasets=["text"],
                best="none",
                row_title="text",
            ),
            _speed_table(results, "reading", PREFILL, "tokens", "Speed of reading, by length of the prompt"),
            _speed_table(results, "writing", DECODING, "prompts", "Speed of writing, by prompts at once"),
        ]

    def figures(self, results: Any) -> list[FigureSpec]:
        return [
            FigureSpec(
                "tasks",
                "Share of questions answered rightly, by the model and by guessing, with 95 % intervals",
                "bars",
                {"measures": [ACCURACY], "select": {"dataset": "tasks"}, "colour_by": "who"},
            ),
            FigureSpec(
                "context",
                "Mean loss of a token by its place in the text (logarithmic)",
                "curve",
                {
                    "x": "place",
                    "measure": f"{LOSS} by place",
                    "log": True,
                    "x_label": "tokens before it, at most",
                },
            ),
            FigureSpec(
                "speed",
                "Tokens read a second, by length of the prompt (logarithmic)",
                "curve",
                {"x": "tokens", "measure": PREFILL, "log": True, "x_label": "tokens of the prompt"},
            ),
        ]


def _speed_table(results: Any, name: str, measure: str, factor: str, caption: str) -> TableSpec:
    counts = results.cells.select(measure=measure).values(factor)
    return TableSpec(
        name,
        caption,
        [(f"{int(count):,}", {factor: count}) for count in counts],
        [measure],
        datasets=["speed"],
        best="none",
        row_title=f"{factor}",
    )


STUDY = LanguageModelStudy()
