"""What the encoder reads: order, separators, the exact token of the cut, lower case, the papers' forms."""

import pytest

from reprise.errors import InputError, ParameterError
from reprise.retrieval.ance_prf_input import PrfForm, build_inputs, pad_inputs
from reprise.retrieval.checkpoint import load_transformer


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint):
    return load_transformer(tiny_checkpoint)[1]


def read(tokenizer, query, passages, **form):
    """The sequence as words."""
    [ids] = build_inputs(tokenizer, [query], [passages], PrfForm(**{"max_tokens": 64, **form}))
    return " ".join(tokenizer.convert_ids_to_tokens(ids))


def test_query_then_passages_in_rank_order_with_one_end_token_between(tokenizer):
    joined = read(tokenizer, "sort the array", ["a sparse matrix", "dense"])
    assert joined == "[CLS] sort the array [SEP] a sparse matrix [SEP] dense [SEP]"
    assert read(tokenizer, "sort the array", ["dense", "a sparse matrix"]) != joined


def test_without_feedback_it_is_what_the_retriever_reads(tokenizer):
    text = "find the mean of a vector"
    [ids] = build_inputs(tokenizer, [text], [[]], PrfForm(max_tokens=64, max_query_tokens=5))
    assert ids == tokenizer([text], max_length=5, truncation=True)["input_ids"][0]


@pytest.mark.parametrize(
    ("max_tokens", "kept", "cut"),
    [
        (9, "[CLS] sort the array [SEP] a sparse matrix [SEP]", None),
        (8, "[CLS] sort the array [SEP] a sparse [SEP]", "[CLS] sort the array [SEP] a sparse matrix"),
        (7, "[CLS] sort the array [SEP] a [SEP]", "[CLS] sort the array [SEP] a sparse"),
        (6, "[CLS] sort the array [SEP] [SEP]", "[CLS] sort the array [SEP] a"),
        (5, "[CLS] sort the array [SEP]", None),
    ],
)
def test_the_cut_at_the_exact_token_with_and_without_the_closing_end_token(tokenizer, max_tokens, kept, cut):
    form = {"max_tokens": max_tokens, "max_query_tokens": 5}
    assert read(tokenizer, "sort the array", ["a sparse matrix"], **form) == kept
    assert read(tokenizer, "sort the array", ["a sparse matrix"], **form, keep_end=False) == (cut or kept)


def test_a_passage_is_cut_with_its_end_token_counted(tokenizer):
    joined = read(tokenizer, "tree", ["a sparse matrix of sums", "dense"], max_passage_tokens=3)
    assert joined == "[CLS] tree [SEP] a sparse [SEP] dense [SEP]"


def test_text_is_lower_cased_before_the_tokeniser_sees_it():
    """A tokeniser that keeps capitals, as RoBERTa's does, and has no say in it."""
    seen = []

    class Tokenizer:
        cls_token_id, sep_token_id = 0, 2

        def __call__(self, texts, **_):
            seen.extend(texts)
            return {"input_ids": [[9] for _ in texts]}

    for lower_case in (True, False):
        build_inputs(Tokenizer(), ["A Query"], [["A PASSAGE"]], PrfForm(lower_case=lower_case))
    assert seen == ["a query", "a passage", "A Query", "A PASSAGE"]


def test_the_form_of_tct_colbert(tokenizer):
    form = {"marker": "[Q]", "fill": True, "max_tokens": 14, "max_query_tokens": 8}
    start = "[CLS] [UNK] [UNK] [UNK] sort"  # "[Q]" is three tokens
    assert read(tokenizer, "sort", [], **form) == start + " [MASK]" * 3
    assert (
        read(tokenizer, "sort", ["dense", "tree"], **form)
        == start + " [SEP] dense [SEP] tree" + " [MASK]" * 5
    )


def test_padding_is_masked():
    batch = pad_inputs([[5, 6, 7], [8]], 1)
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 1, 1]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_what_is_refused(tokenizer):
    with pytest.raises(ParameterError, match="must hold a whole query"):
        PrfForm(max_tokens=32, max_query_tokens=64)
    with pytest.raises(ParameterError, match="max_query_tokens"):
        PrfForm(max_query_tokens=2)
    with pytest.raises(ParameterError, match="max_passage_tokens"):
        PrfForm(max_passage_tokens=1)
    with pytest.raises(InputError, match="query 1 has no text"):
        build_inputs(tokenizer, ["tree", " "], [[], []], PrfForm())
    with pytest.raises(InputError, match="one list of passages a query"):
        build_inputs(tokenizer, ["tree"], [], PrfForm())
