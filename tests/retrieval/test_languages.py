"""Anserini's analysers by language: what is one word in a language is found as one."""

import pytest

from reprise.errors import ParameterError
from reprise.retrieval.bm25 import BM25Index
from reprise.retrieval.java import java_class, start_java
from reprise.retrieval.languages import LANGUAGES, open_analyser


def test_every_language_of_anserinis_table_is_known_and_opens():
    start_java()
    codes = java_class("io.anserini.analysis.AnalyzerMap").analyzerMap.keySet().toArray()
    assert set(LANGUAGES) == {"en", *codes}
    for language in LANGUAGES:
        open_analyser(language)


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("de", "Die Häuser stehen am Fluss.", "Haus"),
        ("fr", "Les chevaux courent dans la forêt.", "le cheval"),
        ("zh", "图书馆收藏古代书籍。", "书籍"),
    ],
)
def test_a_word_is_found_in_another_form(tmp_path, language, text, query):
    """By the English analyser "häuser" is no "haus", and a Chinese word is signs one by one."""
    index = BM25Index.build(["d1", "d2"], [text, "other"], tmp_path / language, language=language)
    assert index.search(["q"], [query]).top(1) == [["d1"]]


def test_an_unknown_language_is_refused_before_any_work(tmp_path):
    with pytest.raises(ParameterError, match=r"no analyser for the language 'xx'.*ar, bn"):
        BM25Index.build(["d1"], ["text"], tmp_path / "index", language="xx")
    assert not (tmp_path / "index").exists()
