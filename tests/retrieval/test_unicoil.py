"""uniCOIL: weights and scores by hand on a fixed tiny model, and a toy task that is learned."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import train_dense
from reprise.retrieval.tower import tokenise
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.unicoil import (
    UniCoil,
    exact_match_scores,
    make_module,
    save_unicoil,
    token_weights,
)
from reprise.retrieval.unicoil_training import train_unicoil


class Table(torch.nn.Module):
    """Stands in for BERT: a token's vector is (its number in `values`, its position)."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def forward(self, input_ids, attention_mask):
        position = torch.arange(input_ids.shape[1]).expand_as(input_ids)
        return SimpleNamespace(last_hidden_state=torch.stack([self.values[input_ids], position.float()], -1))


@pytest.fixture
def by_hand(tiny_checkpoint):
    """Weight = ReLU(value of the word + position / 10); every other word has the value -5."""
    _, tokenizer = load_transformer(tiny_checkpoint)
    values = torch.full((len(tokenizer),), -5.0)
    for word, value in {"sparse": 1.0, "matrix": 2.0, "##s": 0.5, "[SEP]": 9.0, "[CLS]": 9.0}.items():
        values[tokenizer.convert_tokens_to_ids(word)] = value
    head = torch.nn.Linear(2, 1)
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[1.0, 0.1]]))
        head.bias.zero_()
    return UniCoil(torch.nn.ModuleDict({"bert": Table(values), "tok_proj": head}), tokenizer)


def test_documents_keep_the_largest_weight_and_queries_add_up(by_hand):
    text = "sparse sparse matrixs the"  # positions: [CLS] 0, sparse 1 and 2, matrix 3, ##s 4, the 5
    assert by_hand.weigh_documents([text]) == [pytest.approx({"sparse": 1.2, "matrix": 2.3, "##s": 0.9})]
    assert by_hand.weigh_queries([text]) == [pytest.approx({"sparse": 1.1 + 1.2, "matrix": 2.3, "##s": 0.9})]


def test_order_and_batches_do_not_matter(by_hand):
    texts = ["matrix", "sparse matrix of a matrix", "", "sparse"]
    whole = by_hand.weigh_documents(texts)
    one_by_one = [by_hand.weigh_documents([t])[0] for t in texts]
    assert whole == [pytest.approx(w) for w in one_by_one]
    assert whole[2] == {}


def test_score_by_hand(by_hand):
    """Query "matrix sparse matrix": matrix 2.1 + 2.3 = 4.4, sparse 1.2; document "a sparse": sparse 1.2."""
    (query,) = by_hand.weigh_queries(["matrix sparse matrix"])
    (document,) = by_hand.weigh_documents(["a sparse"])
    assert sum(query[t] * document.get(t, 0) for t in query) == pytest.approx(1.2 * 1.2)
    (document,) = by_hand.weigh_documents(["sparse matrix matrix"])  # sparse 1.1, matrix max(2.2, 2.3)
    assert sum(query[t] * document[t] for t in query) == pytest.approx(1.2 * 1.1 + 4.4 * 2.3)


def test_dot_product_of_the_weights_equals_the_score_in_training(tiny_checkpoint):
    module, tokenizer = make_module(tiny_checkpoint)
    torch.nn.init.normal_(module["tok_proj"].weight, std=0.3, generator=torch.Generator().manual_seed(0))
    queries = ["sort the sorted array", "a sparse matrixs and a matrix", "mean"]
    documents = ["the array of arrays sorting", "sparse sparse dense matrix", "tree", "mean of the mean"]
    special = torch.tensor(tokenizer.all_special_ids)
    with torch.no_grad():
        q, d = tokenise(tokenizer, queries, 16), tokenise(tokenizer, documents, 16)
        scores = exact_match_scores(
            q["input_ids"],
            token_weights(module, q, special),
            d["input_ids"],
            token_weights(module, d, special),
        )
    model = UniCoil(module, tokenizer)
    weighed = model.weigh_documents(documents)
    expected = [
        [sum(weight * document.get(token, 0) for token, weight in query.items()) for document in weighed]
        for query in model.weigh_queries(queries)
    ]
    assert np.count_nonzero(expected) >= 4
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-6)


def test_no_weight_is_dead_at_the_start(tiny_checkpoint):
    module, tokenizer = make_module(tiny_checkpoint, seed=3)
    (weights,) = UniCoil(module, tokenizer).weigh_documents(
        ["sparse dense matrix vector array sort find mean"]
    )
    assert len(weights) == 8 and all(0.5 < w < 1.5 for w in weights.values())
    again, _ = make_module(tiny_checkpoint, seed=3)
    assert torch.equal(module["tok_proj"].weight, again["tok_proj"].weight)


def test_it_learns_and_repeats_byte_for_byte(tiny_checkpoint, tiny_triples, tmp_path):
    """Every query and every negative holds "the": what tells the documents apart is the other word."""
    settings = TrainingSettings(steps=40, batch_size=4, learning_rate=2e-3, seed=1, threads=1, dropout=False)
    for name in ("one", "two"):
        log = train_unicoil(tiny_checkpoint, tiny_triples, tmp_path / name, settings, head_learning_rate=2e-2)
    assert np.mean(log.losses[-5:]) < 0.7 * np.mean(log.losses[:5])
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name
    (weights,) = UniCoil.open(tmp_path / "one", threads=1).weigh_queries(["find the matrix"])
    assert weights["matrix"] > weights.get("the", 0)


def test_opened_again_it_weighs_the_same(tiny_checkpoint, tmp_path):
    module, tokenizer = make_module(tiny_checkpoint)
    save_unicoil(module, tokenizer, tmp_path)
    texts = ["sort the sorted array", "sparse matrix"]
    assert UniCoil.open(tmp_path).weigh_documents(texts) == UniCoil(module, tokenizer).weigh_documents(texts)


def test_another_kind_of_checkpoint_is_refused(tiny_checkpoint, tiny_triples, tmp_path):
    train_dense(tiny_checkpoint, tiny_triples, tmp_path, TrainingSettings(steps=1, batch_size=2))
    with pytest.raises(InputError, match="another kind than 'unicoil'"):
        UniCoil.open(tmp_path)


def test_one_text_in_place_of_a_list_is_refused(by_hand):
    with pytest.raises(InputError, match="not a list"):
        by_hand.weigh_documents("sparse matrix")
