"""What a language model did, to be read: its facts, what it wrote, how it scored the options of a
question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from reprise.experiment.results import Results
from reprise.report.grid import Column, Grid, Heading, Piece, Row, Text


def model_facts(results: Results) -> Grid:
    """What the model's file says of itself, under "model" of results.json."""
    about = results.body["model"]
    rows: list[Row] = [[Text("model"), Text(about["name"])]]
    for name, value in about["facts"].items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{kind} ({count} tensors)" for kind, count in value.items())
        text = f"{value:,}" if isinstance(value, int) else str(value)
        rows.append([Text("bytes of the file" if name == "file_bytes" else name), Text(text)])
    return Grid("The model, as its file describes it", [Column("what"), Column("value")], rows, name="model")


def completions(results: Results) -> Piece:
    """The prompts and continuations under "completions" of results.json, with their line ends."""
    made = results.body["completions"]
    html = "".join(
        f"<pre style='white-space: pre-wrap'><b>{escape(one['text'])}</b>"
        f"{escape(_joint(one) + one['continuation'])}</pre>"
        for one in made
    )
    markdown = "\n\n".join(_quoted(f"{one['text']}{_joint(one)}⟶{one['continuation']}") for one in made)
    return Piece(html, markdown + "\n")


def scored_options(results: Results) -> Grid:
    """The questions under "questions" of results.json, each over its options; what the model finds likeliest
    is bold."""
    rows: list[Row] = []
    for question in results.body["questions"]:
        rows.append(Heading(_short(question["prompt"])))
        rows += _options(question)
    columns = [
        Column("option"),
        Column("log p", number=True),
        Column("tokens", number=True),
        Column("log p a token", number=True),
    ]
    return Grid("Questions with the log-likelihood of their options", columns, rows, name="questions")


def _options(question: Mapping[str, Any]) -> Sequence[Row]:
    options = question["options"]
    score = (
        (lambda o: o["log_likelihood"] / o["tokens"]) if question["mean"] else (lambda o: o["log_likelihood"])
    )
    best = max(options, key=score)
    return [
        [
            Text(
                _short(option["text"].strip(), 90),
                bold=option is best,
                aside="right" if place == question["right"] else "",
            ),
            Text(f"{option['log_likelihood']:.2f}"),
            Text(str(option["tokens"])),
            Text(f"{option['log_likelihood'] / option['tokens']:.2f}"),
        ]
        for place, option in enumerate(options)
    ]


def _short(text: str, most: int = 160) -> str:
    """The end of a long prompt, where the question stands, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else "... " + line[-most:]


def _joint(one: Mapping[str, Any]) -> str:
    return "\n" if one["form"] == "chat" else ""


def _quoted(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
