"""Question sets: multiple choice, or open questions with short answers, as they lie under
`REPRISE_DATA`/questions.

A line is {"id", "question", "choices", "answer" (from 0)} or {"id", "question", "answers"}, perhaps with a
"passage" and a "subject". A set of reference answers ("best", "incorrect": TruthfulQA) is read as a choice
between the best and the incorrect ones, the first being right; the official choice of them is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reprise.data.oddities import Oddities, Oddity
from reprise.data.open_sets import find_open_set, read_objects

_READ = ("id", "question", "choices", "answer", "answers", "passage", "subject")


@dataclass(frozen=True)
class Question:
    """One question: with `choices` the number of the right one is `answer`, without them any of `answers` is
    right.

    `more` holds what else its line has.
    """

    id: str
    question: str
    choices: tuple[str, ...] = ()
    answer: int = -1
    answers: tuple[str, ...] = ()
    passage: str = ""
    subject: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chance(self) -> float:
        """The share that guessing gets right.

        >>> Question("q", "Which?", ("this", "that"), 0).chance
        0.5
        """
        return 1 / len(self.choices) if self.choices else 0.0


@dataclass(frozen=True)
class QuestionSet:
    """A part of a set."""

    name: str
    part: str
    licence: str
    questions: tuple[Question, ...]
    oddities: tuple[Oddity, ...]


def load_questions(name: str, part: str) -> QuestionSet:
    """The questions of a part, in their order.

    Left out and counted: a line without a question, with fewer than two choices, an answer that is none of
    them, or neither choices nor answers, and an id that repeats. Raises as `find_open_set` and `read_lines`.
    """
    found, odd = find_open_set("questions", name), Oddities()
    questions: dict[str, Question] = {}
    for where, row in read_objects(found.file(part), odd):
        question = _question(row)
        if isinstance(question, str):
            odd.add("lines", f"lines {question}, left out", where)
        elif question.id in questions:
            odd.add("lines", "questions whose id repeats, the first one kept", where)
        else:
            questions[question.id] = question
            if len(set(question.choices)) < len(question.choices):
                odd.add("questions", "questions with two equal choices, kept", where)
    odd.totals["questions"] = len(questions)
    return QuestionSet(name, part, found.licence, tuple(questions.values()), odd.found())


def _question(row: Mapping[str, Any]) -> Question | str:
    """The question in a line, or what the line lacks."""
    asked, number = row.get("question"), row.get("id")
    if not isinstance(asked, str) or not asked.strip() or not isinstance(number, str | int):
        return "without an id or a question"
    more = {name: value for name, value in row.items() if name not in _READ}
    about = {name: str(row.get(name) or "") for name in ("passage", "subject")}
    if "choices" in row or "best" in row:
        choices, answer = row.get("choices"), row.get("answer")
        if "choices" not in row:
            choices, answer = [row["best"], *row.get("incorrect", [])], 0
        if not _texts(choices) or len(choices) < 2:
            return "without two choices that are text"
        if type(answer) is not int or not 0 <= answer < len(choices):
            return "whose answer is none of the choices"
        return Question(str(number), asked, tuple(choices), answer, more=more, **about)
    if not _texts(row.get("answers")) or not row["answers"]:
        return "without choices or answers"
    return Question(str(number), asked, answers=tuple(row["answers"]), more=more, **about)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and text.strip() for text in value)
