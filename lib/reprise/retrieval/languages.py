"""The languages that Anserini has an analyser for, by their ISO 639-1 codes; English is Porter's stemmer."""

from __future__ import annotations

from typing import Any, Literal, get_args

from reprise.errors import ParameterError
from reprise.retrieval.java import java_class, start_java

Language = Literal[
    "ar", "bn", "da", "de", "en", "es", "fa", "fi", "fr", "hi", "hu", "id", "it",
    "ja", "ko", "nl", "no", "pl", "pt", "ru", "sv", "te", "th", "tr", "uk", "zh",
]  # fmt: skip

LANGUAGES: tuple[str, ...] = get_args(Language)


def check_language(language: str) -> None:
    """Raise `ParameterError`, which lists the languages, when there is no analyser for this one."""
    if language not in LANGUAGES:
        raise ParameterError(
            f"there is no analyser for the language {language!r}", remedy=f"use one of {', '.join(LANGUAGES)}"
        )


def open_analyser(language: str) -> Any:
    """Anserini's analyser of a language; raises as `check_language` does."""
    check_language(language)
    start_java()
    if language == "en":
        return java_class("io.anserini.analysis.DefaultEnglishAnalyzer").newDefaultInstance()
    return java_class("io.anserini.analysis.AnalyzerMap").getLanguageSpecificAnalyzer(language)
