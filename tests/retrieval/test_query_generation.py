"""Extracted and sampled queries, by hand and over a toy corpus."""

import numpy as np
import pytest

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.query_generation import (
    MAX_WORDS,
    ExtractiveGenerator,
    open_generator,
    split_sentences,
    token_overlap,
    train_generator,
)
from reprise.retrieval.training_settings import TrainingSettings

BODY = """Values are sorted in place before the sum is taken. Short one.

Parameters
----------
x : array
    The values of the sum that is taken.

>>> total([1, 2])
3

The order of equal values is kept."""


class WordEncoder:
    """Counts of a few words, so that nearness can be worked out by hand."""

    words = ("sorted", "sum", "order", "equal")
    dim = 4
    fingerprint = "words"

    def encode_queries(self, texts, progress=None):
        counts = np.array([[text.lower().split().count(w) for w in self.words] for text in texts], float)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)

    encode_documents = encode_queries


def test_sentences_of_prose_only():
    assert split_sentences(BODY) == [
        "Values are sorted in place before the sum is taken.",
        "The order of equal values is kept.",
    ]


def test_the_nearest_sentences_come_first_and_long_ones_are_cut():
    # document: sorted 1, sum 2, order 1, equal 1; the first sentence has 1 + 2 of it, the second 1 + 1
    generator = ExtractiveGenerator(WordEncoder())
    long = "The order of " + "very " * 20 + "long ones."
    found = generator.generate([BODY, ">>> only(code)", long], 1, seed=0)
    assert found[0] == ["Values are sorted in place before the sum is taken."]
    assert found[1] == []
    assert len(found[2][0].split()) == MAX_WORDS
    assert generator.generate([BODY], 5, seed=0)[0][1] == "The order of equal values is kept."
    assert generator.generate([">>> only(code)"], 2, seed=0) == [[]]


def test_sentences_that_begin_alike_in_three_documents_are_boilerplate():
    guide = "Read more about the sum in the guide of {}."
    texts = [f"{guide.format(name)} The order of {name} is kept." for name in ("rows", "columns", "pages")]
    found = ExtractiveGenerator(WordEncoder()).generate(texts, 3, seed=0)
    assert found == [[f"The order of {name} is kept."] for name in ("rows", "columns", "pages")]
    assert guide.format("rows") in ExtractiveGenerator(WordEncoder()).generate(texts[:2], 3, seed=0)[0]


SETTINGS = TrainingSettings(steps=60, batch_size=4, learning_rate=3e-3, seed=1, threads=1, dropout=False)


@pytest.fixture(scope="module")
def trained(tiny_checkpoint, tiny_triples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("generator")
    pairs = [(t.positive, t.query) for t in tiny_triples]
    return folder, train_generator(tiny_checkpoint, pairs, folder, SETTINGS, decoder_layers=1)


def test_a_trained_generator_names_what_the_document_is_about(trained, tiny_triples):
    folder, log = trained
    assert np.mean(log.losses[-5:]) < 0.5 * np.mean(log.losses[:5])
    generator = open_generator(folder, threads=1, max_query_tokens=8)
    queries = generator.generate([t.positive for t in tiny_triples], 2, seed=3)
    assert queries == generator.generate([t.positive for t in tiny_triples], 2, seed=3)
    assert all(1 <= len(of_one) <= 2 for of_one in queries)
    named = [
        max(token_overlap(q, t.query) for q in of_one)
        for of_one, t in zip(queries, tiny_triples, strict=True)
    ]
    assert np.mean(named) > 0.6


def test_words_shared_by_hand():
    assert token_overlap("a a b", "a c") == pytest.approx(2 * 1 / 5)
    assert token_overlap("", "a") == token_overlap("b", "a") == 0.0


def test_what_cannot_be_generated_from(trained, tiny_checkpoint, tmp_path):
    generator = open_generator(trained[0])
    for made in (generator, ExtractiveGenerator(WordEncoder())):
        with pytest.raises(InputError, match="no documents"):
            made.generate([], 1, seed=0)
        with pytest.raises(ParameterError, match="at least 1"):
            made.generate(["a matrix"], 0, seed=0)
    with pytest.raises(EnvironmentNotReady, match="no query generator"):
        open_generator(tmp_path / "nowhere")
    with pytest.raises(InputError, match="empty text"):
        train_generator(tiny_checkpoint, [("a matrix", " ")], tmp_path, SETTINGS)
