"""Multiple-choice tasks made from real text that is there: what a small language model can and cannot do.

Each gives questions with one right option; which wrong ones stand beside it is drawn from a seed. Options
that are facts are scored by their summed log-likelihood, options that are running text, whose lengths differ
for no reason of content, by the mean a token. Both rules stood before any run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reprise.data.collection import Collection
from reprise.data.pydocs_source import SOURCES, Source
from reprise.errors import InputError

BODY_WORDS = 80
"""Words of a docstring that are shown."""

NEEDLES = 8
"""Keys with a value each, spread over one long text; all are asked for, so that the text is read once."""


@dataclass(frozen=True)
class Asked:
    """A prompt with its options and the number of the right one; questions of one `group` are not
    independent."""

    name: str
    prompt: str
    options: tuple[str, ...]
    answer: int
    group: str
    mean: bool = False


def city_questions(count: int, generator: np.random.Generator, _: Any = None) -> list[Asked]:
    """Which of ten countries a city lies in."""
    from reprise.data.cities import load_cities

    cities = load_cities()
    countries = sorted({city.country for city in cities})
    found = []
    for place in _drawn(cities, count, generator):
        city = cities[place]
        options, answer = _mixed(city.country, countries, 10, generator)
        prompt = f"Question: Which country is the city of {city.name} in?\nAnswer:"
        found.append(Asked(city.name, prompt, tuple(f" {c}" for c in options), answer, city.country))
    return found


def summary_questions(count: int, generator: np.random.Generator, collection: Collection) -> list[Asked]:
    """Which of four summary sentences a docstring has; the wrong ones are of the same library."""
    documents = {d.id: d for d in collection.documents}
    pairs = [
        (topic, documents[next(iter(collection.split("train").qrels[topic.id]))])
        for topic in collection.split("train").topics
    ]
    by_domain: dict[str, list[str]] = {}
    for topic, _ in pairs:
        by_domain.setdefault(topic.domain, []).append(topic.text)
    pairs = [p for p in pairs if len(set(by_domain[p[0].domain])) >= 4 and len(p[1].text.split()) >= 20]
    found = []
    for place in _drawn(pairs, count, generator):
        topic, document = pairs[place]
        options, answer = _mixed(topic.text, by_domain[topic.domain], 4, generator)
        body = " ".join(document.text.split()[:BODY_WORDS])
        prompt = f"{body}\n\nIn one sentence, what this documents:"
        found.append(
            Asked(document.id, prompt, tuple(f" {o}" for o in options), answer, document.id, mean=True)
        )
    return found


def line_questions(count: int, generator: np.random.Generator, _: Any = None) -> list[Asked]:
    """Which of four lines comes next in a function of NetworkX; the wrong ones are equally indented lines of
    others."""
    from reprise.data.python_code import read_functions

    functions = [f for f in read_functions(code_source(), least=8) if len(f.lines) <= 40]
    lines: dict[int, list[str]] = {}
    for function in functions:
        for line in function.lines[1:]:
            lines.setdefault(_indent(line), []).append(line)
    found = []
    for place in _drawn(functions, count, generator):
        function = functions[place]
        at = int(generator.integers(4, len(function.lines)))
        others = [line for line in lines[_indent(function.lines[at])] if line not in function.lines]
        options, answer = _mixed(function.lines[at], others, 4, generator)
        prompt = "\n".join(function.lines[:at]) + "\n"
        found.append(Asked(function.name, prompt, tuple(options), answer, function.name, mean=True))
    return found


def sum_questions(count: int, generator: np.random.Generator, _: Any = None) -> list[Asked]:
    """The sum of two numbers of two digits, among sums that are off by one, ten or eleven."""
    return _arithmetic(count, generator, "+", lambda a, b: a + b)


def product_questions(count: int, generator: np.random.Generator, _: Any = None) -> list[Asked]:
    """The product of two numbers of two digits, among products that are off by one, ten or eleven."""
    return _arithmetic(count, generator, "*", lambda a, b: a * b)


def needle_questions(count: int, generator: np.random.Generator, collection: Collection) -> list[Asked]:
    """Which of eight values stands beside a key in some 400 words of documentation."""
    words = [d.text.split() for d in collection.documents if len(d.text.split()) >= 50 * NEEDLES]
    if not words:
        raise InputError("no document is long enough to hide something in", given=collection.name)
    found = []
    for number in range(-(-count // NEEDLES)):
        text = words[int(generator.integers(len(words)))]
        keys = [f"{a}-{n}" for a, n in zip("abcdefgh", generator.permutation(90)[:NEEDLES] + 10, strict=True)]
        values = [str(v) for v in generator.permutation(900)[:NEEDLES] + 100]
        parts = [
            " ".join(text[50 * i : 50 * (i + 1)]) + f"\nThe code of {key} is {value}.\n"
            for i, (key, value) in enumerate(zip(keys, values, strict=True))
        ]
        for place in generator.permutation(NEEDLES):
            prompt = "".join(parts) + f"The code of {keys[place]} is"
            options = tuple(f" {value}" for value in values)
            found.append(Asked(f"{number}/{keys[place]}", prompt, options, int(place), str(number)))
    return found[:count]


def code_source() -> Source:
    """The package whose functions are read: of the nine, the one whose code is plain Python and nothing
    else."""
    return next(source for source in SOURCES if source.domain == "networkx")


TASKS: dict[str, Callable[..., list[Asked]]] = {
    "countries": city_questions,
    "summaries": summary_questions,
    "lines": line_questions,
    "sums": sum_questions,
    "products": product_questions,
    "needle": needle_questions,
}
"""By name; each takes how many, a generator, and the collection whose text it may use."""

NEED_TEXT = ("summaries", "needle")
"""Tasks that read the collection."""


def _arithmetic(
    count: int, generator: np.random.Generator, sign: str, result: Callable[[int, int], int]
) -> list[Asked]:
    pairs = generator.permutation(90 * 90)[:count]
    found = []
    for a, b in ((10 + int(p) // 90, 10 + int(p) % 90) for p in pairs):
        right = result(a, b)
        options, answer = _mixed(right, [right + off for off in (-11, -10, -1, 1, 10, 11)], 4, generator)
        name = f"{a} {sign} {b}"
        found.append(
            Asked(name, f"Question: {name} = ?\nAnswer:", tuple(f" {o}" for o in options), answer, name)
        )
    return found


def _drawn(things: Sequence[Any], count: int, generator: np.random.Generator) -> list[int]:
    if len(things) < count:
        raise InputError(
            "there is less text than questions are asked for", given={"there": len(things), "asked": count}
        )
    return generator.permutation(len(things))[:count].tolist()


def _mixed(
    right: Any, pool: Sequence[Any], count: int, generator: np.random.Generator
) -> tuple[list[Any], int]:
    """The right one among `count - 1` wrong ones of the pool, in an order by chance, and where it stands."""
    wrong = sorted(set(pool) - {right})
    if len(wrong) < count - 1:
        raise InputError("there are too few wrong options", given=len(wrong))
    chosen = [wrong[int(i)] for i in generator.permutation(len(wrong))[: count - 1]]
    answer = int(generator.integers(count))
    return [*chosen[:answer], right, *chosen[answer:]], answer


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
