"""uniCOIL's head over stored states: the whole encoder's weights and scores, and what is learned."""

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.dev_topics import DevTopics
from reprise.retrieval.ranking_loss import InfoNCE
from reprise.retrieval.store_states import store_states
from reprise.retrieval.stored_states import StoredStates
from reprise.retrieval.token_weight_head import (
    token_head_score,
    train_token_head,
    weigh_stored,
    weight_matrix,
)
from reprise.retrieval.tower import tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.unicoil import (
    UniCoil,
    exact_match_scores,
    make_module,
    save_unicoil,
    token_weights,
)

QUERIES = ["find the matrix", "sort the sorted array", "mean"]
DOCUMENTS = ["a sparse matrix of matrixs", "the array of arrays", "mean of the mean", "tree"]


@pytest.fixture(scope="module")
def stored(tiny_checkpoint, tiny_triples, tmp_path_factory):
    model, tokenizer = load_transformer(tiny_checkpoint)
    folder = tmp_path_factory.mktemp("states")
    queries = [*QUERIES, *(t.query for t in tiny_triples)]
    documents = [*DOCUMENTS, *(text for t in tiny_triples for text in (t.positive, *t.negatives))]
    for name, texts in {"queries": queries, "documents": documents}.items():
        store_states(model, tokenizer, texts, 2, folder / name, max_tokens=16, kept="float32", threads=1)
    return StoredStates.open(folder / "queries"), StoredStates.open(folder / "documents")


def test_scores_are_those_of_the_whole_encoder(tiny_checkpoint, stored):
    module, tokenizer = make_module(tiny_checkpoint, seed=4)
    special = torch.tensor(tokenizer.all_special_ids)
    with torch.no_grad():
        torch.nn.init.normal_(module["tok_proj"].weight, std=0.3, generator=torch.Generator().manual_seed(0))
        q, d = tokenise(tokenizer, QUERIES, 16), tokenise(tokenizer, DOCUMENTS, 16)
        expected = exact_match_scores(
            q["input_ids"],
            token_weights(module, q, special),
            d["input_ids"],
            token_weights(module, d, special),
        )
        found = token_head_score(module["tok_proj"], *stored, special.tolist())(QUERIES, DOCUMENTS)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
        matrices = [
            weight_matrix(weigh_stored(module["tok_proj"], states, texts, special), len(tokenizer), combine)
            for states, texts, combine in (
                (stored[0], QUERIES, "sum"),
                (stored[1], DOCUMENTS, "max"),
            )
        ]
    np.testing.assert_allclose((matrices[0] @ matrices[1].T).toarray(), expected, atol=1e-5)
    assert np.count_nonzero(expected) >= 4


def test_it_learns_and_is_a_unicoil_beside_its_encoder(tiny_checkpoint, tiny_triples, stored, tmp_path):
    """Every query holds "the": the word that tells documents apart must come to weigh more."""
    _, tokenizer = load_transformer(tiny_checkpoint)
    settings = TrainingSettings(steps=60, batch_size=4, learning_rate=3e-2, seed=1, threads=1)
    dev = DevTopics(["1", "2"], list("abcd"), {"1": {"a": 1}, "2": {"b": 1}})
    special = tokenizer.all_special_ids
    heads = []
    for _ in range(2):
        head, log = train_token_head(
            *stored,
            tiny_triples,
            special,
            InfoNCE(1),
            settings,
            dev=(dev, QUERIES[:2], DOCUMENTS),
            look_every=20,
        )
        heads.append(head)
    assert torch.equal(heads[0].weight, heads[1].weight)
    assert log.curve.steps == (0, 20, 40, 60)
    assert np.mean(log.losses[-5:]) < 0.8 * np.mean(log.losses[:5])
    module, _ = make_module(tiny_checkpoint)
    module["tok_proj"].load_state_dict(head.state_dict())
    save_unicoil(module, tokenizer, tmp_path)
    (weights,) = UniCoil.open(tmp_path, threads=1).weigh_queries(QUERIES[:1])
    ids, values, _ = weigh_stored(head, stored[0], QUERIES[:1], torch.tensor(special))
    there = values > 0
    names = tokenizer.convert_ids_to_tokens(ids[there].tolist())
    assert dict(zip(names, values[there].tolist(), strict=True)) == pytest.approx(weights, abs=1e-5)


def test_texts_without_states_are_named_before_training(tiny_triples, stored):
    settings = TrainingSettings(steps=1, batch_size=2)
    with pytest.raises(InputError, match=r"no stored states.*lost"):
        train_token_head(*stored, [tiny_triples[0]._replace(positive="lost")], [0], InfoNCE(1), settings)
