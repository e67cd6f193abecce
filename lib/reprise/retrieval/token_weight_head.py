"""uniCOIL's head alone: token weights learned over states of the last layer that were stored once.

The head, its start, the score and the loss are those of `unicoil`; what is frozen is the whole encoder, so a
step touches one number in 384 of what it reads and a few hundred steps cost seconds. The trained head goes
into `save_unicoil` beside the encoder, and the folder is searched as any other uniCOIL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reprise.retrieval.dev_topics import DevTopics
from reprise.retrieval.early_choice import EarlyChoice
from reprise.retrieval.ranking_loss import RankingLoss, Score, batch_loss
from reprise.retrieval.stored_states import StoredStates
from reprise.retrieval.training import TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples
from reprise.retrieval.unicoil import exact_match_scores, make_head, weigh_states

if TYPE_CHECKING:
    import torch
    from scipy.sparse import csr_array


class WeighedTokens(NamedTuple):
    """Token ids and weights of texts, one after another, and how many tokens each text has."""

    ids: torch.Tensor
    weights: torch.Tensor
    lengths: list[int]


def weigh_stored(
    head: torch.nn.Linear, states: StoredStates, texts: Sequence[str], special: torch.Tensor
) -> WeighedTokens:
    """The weight of each token of the texts; zero for the `special` token ids."""
    import torch

    rows, lengths = states.token_rows(texts)
    ids = torch.from_numpy(states.ids[rows].astype(np.int64))
    weights = weigh_states(head, torch.from_numpy(states.rows[rows]).float())
    return WeighedTokens(ids, weights.masked_fill(torch.isin(ids, special), 0.0), lengths.tolist())


def token_head_score(
    head: torch.nn.Linear, queries: StoredStates, passages: StoredStates, special: Sequence[int]
) -> Score:
    """The score of uniCOIL, summed over shared tokens, from stored states."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    left_out = torch.tensor(list(special))

    def padded(states: StoredStates, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        found = weigh_stored(head, states, texts, left_out)
        ids = pad_sequence(found.ids.split(found.lengths), batch_first=True)
        return ids, pad_sequence(found.weights.split(found.lengths), batch_first=True)  # padding weighs 0

    def score(asked: Sequence[str], answers: Sequence[str]) -> torch.Tensor:
        return exact_match_scores(*padded(queries, asked), *padded(passages, answers))

    return score


def weight_matrix(weighed: WeighedTokens, vocabulary: int, combine: str) -> csr_array:
    """Weights (texts, vocabulary): a repeated token's are added up ("sum": queries) or the largest is kept
    ("max": documents).

    >>> import torch
    >>> weighed = WeighedTokens(torch.tensor([2, 0, 2, 1]), torch.tensor([1.0, 3.0, 2.0, 4.0]), [3, 1])
    >>> weight_matrix(weighed, 3, "sum").toarray().tolist()
    [[3.0, 0.0, 3.0], [0.0, 4.0, 0.0]]
    >>> weight_matrix(weighed, 3, "max").toarray().tolist()
    [[3.0, 0.0, 2.0], [0.0, 4.0, 0.0]]
    """
    from scipy.sparse import csr_array

    texts = np.repeat(np.arange(len(weighed.lengths)), weighed.lengths)
    keys = texts * vocabulary + weighed.ids.numpy()
    order = np.argsort(keys, kind="stable")
    cells, begins = np.unique(keys[order], return_index=True)
    merge = {"sum": np.add, "max": np.maximum}[combine]
    values = merge.reduceat(weighed.weights.detach().numpy()[order], begins)
    shape = len(weighed.lengths), vocabulary
    return csr_array((values, (cells // vocabulary, cells % vocabulary)), shape=shape)


def train_token_head(
    queries: StoredStates,
    passages: StoredStates,
    triples: Sequence[Triple],
    special: Sequence[int],
    loss: RankingLoss,
    settings: TrainingSettings,
    *,
    dev: tuple[DevTopics, Sequence[str], Sequence[str]] | None = None,
    look_every: int = 60,
    **options: Any,
) -> tuple[torch.nn.Linear, TrainingLog]:
    """Train the head of `settings.seed` over stored last states; `special` are token ids without a weight.

    `dev` are development topics and the texts of their queries and documents, whose states are stored too:
    with them the step is chosen. `options` are those of `train`. Raises `InputError` for a text without
    states, and as `check_triples` does.
    """
    import torch

    check_triples(triples, loss.negatives)
    queries.places([t.query for t in triples])
    passages.places([text for t in triples for text in (t.positive, *t.negatives)])
    head = make_head(queries.rows.shape[1], settings.seed)
    choice = None
    if dev is not None:
        topics, asked, documents = dev
        left_out, size = torch.tensor(list(special)), int(max(queries.ids.max(), passages.ids.max())) + 1

        def measure() -> np.ndarray:
            left = weight_matrix(weigh_stored(head, queries, asked, left_out), size, "sum")
            right = weight_matrix(weigh_stored(head, passages, documents, left_out), size, "max")
            return topics.values((left @ right.T).toarray())

        choice = EarlyChoice(measure, look_every)
    score = token_head_score(head, queries, passages, special)
    log = train(head, batch_loss(score, loss), triples, settings, choice=choice, **options)
    return head, log
