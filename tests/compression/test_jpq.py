"""JPQ's losses against loops, its index against faiss, and a training that moves centroids and encoder."""

import math

import numpy as np
import pytest
import torch

from reprise.compression.jpq import (
    JpqIndex,
    add_missed,
    corpus_fingerprint,
    decode,
    margin_loss,
    rank_weighted_loss,
    with_centroids,
)
from reprise.compression.jpq_training import (
    Corpus,
    JpqSettings,
    JudgedQuery,
    open_codebooks,
    train_jpq,
)
from reprise.compression.product import ProductCode, fit_product_code, product_index
from reprise.errors import InputError, ParameterError
from reprise.retrieval.encoders import load_encoder
from reprise.retrieval.training_settings import TrainingSettings

SETTINGS = TrainingSettings(
    steps=30, batch_size=4, learning_rate=1e-3, seed=1, threads=1, dropout=False, checkpoint_every=10
)


@pytest.fixture(scope="module")
def code(documents):
    return fit_product_code(documents, 8, iterations=3)


def test_search_is_that_of_faiss_before_any_training(code, documents, queries):
    ours = JpqIndex.from_vectors(documents, code)
    theirs = product_index(documents, 8, rotated=True, iterations=3)
    _, scores = ours.nearest(queries, 20)
    np.testing.assert_allclose(scores, theirs.nearest(queries, 20)[1], atol=1e-5)
    assert (len(ours), ours.dim, ours.code_bytes) == (600, 32, 8)
    assert ours.stored_bytes == 600 * 8 + 4 * (8 * 256 * 4 + 32 * 32)


def test_a_new_corpus_is_coded_with_initial_and_scored_with_trained_centroids(code, documents, queries):
    trained = with_centroids(code, code.centroids[:, ::-1] * 1.5)
    index = JpqIndex.from_vectors(documents, code, trained)
    np.testing.assert_array_equal(index.codes, code.assign(documents))
    expected = code.rotate(queries) @ trained.decode(code.assign(documents)).T
    np.testing.assert_allclose(index.nearest(queries, 1)[1][:, 0], expected.max(1), atol=1e-5)
    assert not np.array_equal(index.codes, trained.assign(documents))


def test_written_and_opened_again(code, documents, queries, tmp_path):
    index = JpqIndex.from_vectors(documents, code, corpus="abc")
    index.save(tmp_path / "index.npz")
    again = JpqIndex.open(tmp_path / "index.npz")
    np.testing.assert_array_equal(again.nearest(queries, 5)[0], index.nearest(queries, 5)[0])
    assert again.corpus == "abc"


def test_a_corpus_that_has_changed_is_refused(code, documents, queries):
    made = corpus_fingerprint(["a", "b"], ["one", "two"])
    index = JpqIndex.from_vectors(documents, code, corpus=made)
    index.nearest(queries, 1, corpus=made)
    for ids, texts in ((["a", "b"], ["one", "two!"]), (["b", "a"], ["one", "two"])):
        with pytest.raises(InputError, match="corpus has changed"):
            index.nearest(queries, 1, corpus=corpus_fingerprint(ids, texts))


def test_centroids_of_another_training_are_refused(code):
    with pytest.raises(InputError, match="another shape"):
        with_centroids(code, code.centroids[:4])
    other = ProductCode(np.eye(32, dtype=np.float32), code.centroids)
    with pytest.raises(InputError, match="another rotation"):
        JpqIndex.from_vectors(np.eye(32), code, other)


def test_decoding_in_torch_is_that_in_numpy(code, documents):
    codes = code.assign(documents[:7])
    ours = decode(torch.from_numpy(code.centroids), torch.from_numpy(codes.astype(np.int64)))
    np.testing.assert_array_equal(ours.numpy(), code.decode(codes))


def test_missed_positives_come_last():
    candidates, positive = add_missed(np.array([[4, 2], [1, 3], [5, 6]]), [[2, 9], [0], [5]])
    assert candidates.tolist() == [[4, 2, 9], [1, 3, 0], [5, 6, -1]]
    assert positive.tolist() == [[False, True, True], [False, False, True], [True, False, False]]


@pytest.mark.parametrize("rank_cut", [200, 3])
def test_the_rank_weighted_loss_equals_a_loop_over_pairs(rank_cut):
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(4, 7, generator=generator) * 3
    positive = torch.rand(4, 7, generator=generator) < 0.3
    there = torch.ones(4, 7, dtype=torch.bool)
    there[1, 5:] = False
    total, pairs = 0.0, 0
    for q in range(4):
        for i in range(7):
            for j in range(7):
                if positive[q, i] and not positive[q, j] and there[q, i] and there[q, j]:
                    gain = [1 / (k + 1) if k + 1 <= rank_cut else 0.0 for k in (i, j)]
                    total += abs(gain[0] - gain[1]) * math.log1p(math.exp(scores[q, j] - scores[q, i]))
                    pairs += 1
    assert rank_weighted_loss(scores, positive, there, rank_cut).item() == pytest.approx(
        total / pairs, rel=1e-5
    )


def test_differences_of_hundreds_do_not_overflow():
    scores = torch.tensor([[0.0, 500.0]], requires_grad=True)
    loss = rank_weighted_loss(scores, torch.tensor([[True, False]]), torch.ones(1, 2, dtype=torch.bool), 200)
    loss.backward()
    assert loss.item() == pytest.approx(250.0) and torch.isfinite(scores.grad).all()


def test_the_margin_loss_forms_all_pairs():
    scores = torch.tensor([[3.0, 1.0, 2.0, 0.0]])
    teacher = torch.tensor([[5.0, 5.0, 1.0, 9.0]])
    positive = torch.tensor([[True, True, False, False]])
    there = torch.tensor([[True, True, True, False]])
    # margins 3 - 2 and 1 - 2 against 5 - 1 and 5 - 1
    assert margin_loss(scores, teacher, positive, there).item() == pytest.approx((9 + 25) / 2)
    same = torch.full_like(teacher, 2.0)
    assert margin_loss(same, same + 1, positive, there).item() == 0


@pytest.fixture(scope="module")
def task(tiny_encoder, toy_passages):
    """(queries, codes of the passages, their texts, the code they were assigned with)."""
    queries, passages = toy_passages
    vectors = load_encoder(tiny_encoder).encode_documents(passages)
    code = fit_product_code(vectors, 8, bits=2, rotated=False)
    judged = [JudgedQuery(query, (place,)) for place, query in enumerate(queries)]
    return judged, Corpus(code.assign(vectors), passages), code


def mean_rank(folder, codes, code, judged):
    encoder = load_encoder(folder)
    found, _ = JpqIndex(codes, code).nearest(encoder.encode_queries([q.query for q in judged]), len(codes))
    return np.mean([list(row).index(q.positives[0]) for row, q in zip(found, judged, strict=True)])


def test_training_moves_positives_up_and_leaves_codes_and_rotation(task, tiny_encoder, tmp_path):
    judged, corpus, code = task
    trained, log = train_jpq(
        tiny_encoder,
        judged,
        corpus,
        code,
        tmp_path,
        SETTINGS,
        method=JpqSettings(depth=8, centroid_rate=1e-2),
    )
    assert log.losses[-1] < log.losses[0]
    assert mean_rank(tmp_path, corpus.codes, trained, judged) < mean_rank(
        tiny_encoder, corpus.codes, code, judged
    )
    assert not np.array_equal(trained.centroids, code.centroids)
    saved = open_codebooks(tmp_path)
    np.testing.assert_array_equal(saved["initial"].centroids, code.centroids)
    np.testing.assert_array_equal(saved["trained"].centroids, trained.centroids)
    np.testing.assert_array_equal(saved["trained"].rotation, code.rotation)


def test_a_teacher_is_asked_once_for_every_pair_and_followed(task, tiny_encoder, tmp_path):
    judged, corpus, code = task
    asked = []

    def teacher(pairs):
        asked.extend(pairs)
        return np.array([4.0 * (query.split()[-1] in passage.split()) for query, passage in pairs])

    _, log = train_jpq(
        tiny_encoder,
        judged,
        corpus,
        code,
        tmp_path,
        SETTINGS,
        method=JpqSettings(depth=5, centroid_rate=1e-2),
        teacher=teacher,
    )
    assert len(asked) == len(set(asked)) <= 64
    assert np.mean(log.losses[-3:]) < 0.5 * np.mean(log.losses[:3])


class Killed(Exception):
    pass


def test_a_killed_run_ends_in_the_same_centroids(task, tiny_encoder, tmp_path):
    judged, corpus, code = task
    whole, _ = train_jpq(tiny_encoder, judged, corpus, code, tmp_path / "whole", SETTINGS)

    def killed(steps, total):
        for step in steps:
            if step == 15:
                raise Killed
            yield step

    arguments = (tiny_encoder, judged, corpus, code, tmp_path / "part", SETTINGS)
    with pytest.raises(Killed):
        train_jpq(*arguments, checkpoint_folder=tmp_path / "saved", progress=killed)
    rest, log = train_jpq(*arguments, checkpoint_folder=tmp_path / "saved")
    assert log.resumed_at == 10
    np.testing.assert_array_equal(rest.centroids, whole.centroids)


def test_what_cannot_be_trained(task, tiny_encoder, tmp_path):
    judged, corpus, code = task
    for wrong, said in (
        ({"judged": [JudgedQuery("q", ())]}, "no text or no positive"),
        ({"judged": [JudgedQuery("q", (99,))]}, "beyond the corpus"),
        ({"corpus": Corpus(corpus.codes[:, :3])}, "no codes of this codebook"),
        ({"corpus": Corpus(corpus.codes[:0])}, "no codes of this codebook"),
        ({"corpus": Corpus(corpus.codes), "teacher": lambda pairs: []}, "text of every document"),
    ):
        given = {"judged": judged, "corpus": corpus, "initial": code, **wrong}
        with pytest.raises(InputError, match=said):
            train_jpq(tiny_encoder, folder=tmp_path, settings=SETTINGS, **given)
    with pytest.raises(ParameterError, match="depth and rank_cut"):
        JpqSettings(depth=0)
    with pytest.raises(ParameterError, match="rates and scales"):
        JpqSettings(scale=0)
    with pytest.raises(InputError, match="lacks its rotation or its centroids"):
        open_codebooks(tmp_path / "nowhere")
