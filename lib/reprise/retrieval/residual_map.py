"""A dense retriever's head: the vectors of a frozen encoder, moved by a learned map, of length 1.

    x -> (x + x W) / |x + x W|            W is zero at first: training starts from the encoder's own vectors
    x -> (x + relu(x A) B) / |...|        the wider form: A random, B zero at first

One map serves queries and passages. The encoder runs once, so that several seeds of an arm cost seconds; they
train side by side, each to the bits it has alone. Losses, hard negatives and samplers are those of the whole
encoder (`ranking_loss`, `triples`, `training`), whose sign decides where a map may be too small to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.checkpoint import read_description, write_description
from reprise.retrieval.dev_topics import DevTopics
from reprise.retrieval.early_choice import EarlyChoice
from reprise.retrieval.ranking_loss import RankingLoss, SeedsScore, seeds_loss
from reprise.retrieval.training import TrainingLog, train_side_by_side
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.training_step import Optimiser, adamw
from reprise.retrieval.triples import Triple, check_triples
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch

KIND, WEIGHTS = "residual-map", "map.safetensors"
FUSED_ADAMW: Optimiser = partial(adamw, fused=True)


@dataclass(frozen=True)
class KeyedVectors:
    """Vectors (keys, dim), float32, and the string by which a triple names each: a text or an id."""

    keys: Sequence[str]
    vectors: np.ndarray

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.keys) or len(self._place) < len(self.keys):
            raise InputError(
                "there must be one vector for each key, and each key once",
                given=(self.vectors.shape, len(self.keys)),
            )

    def places(self, keys: Sequence[str]) -> list[int]:
        """The row of each key; `InputError` names the first that has none."""
        check_texts(keys, "text")
        try:
            return [self._place[key] for key in keys]
        except KeyError as error:
            raise InputError("there is no vector of this text", given=error.args[0][:200]) from None

    @cached_property
    def _place(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.keys)}


def make_residual_map(dim: int, seeds: Sequence[int], hidden: int | None = None) -> torch.nn.ParameterDict:
    """The map at its start, with a first axis of seeds: `map`, or `inner` and `outer` where it is wider.

    `inner` is drawn from the seed of each (normal, variance 1 / dim).
    """
    import torch

    if hidden is None:
        return torch.nn.ParameterDict({"map": torch.zeros(len(seeds), dim, dim)})
    drawn = [np.random.default_rng([seed, dim, hidden]).standard_normal((dim, hidden)) for seed in seeds]
    inner = torch.from_numpy(np.stack(drawn).astype(np.float32)) / dim**0.5
    return torch.nn.ParameterDict({"inner": inner, "outer": torch.zeros(len(seeds), hidden, dim)})


def move(module: torch.nn.ParameterDict, vectors: torch.Tensor) -> torch.Tensor:
    """The mapped vectors, of length 1: (seeds, vectors, dim) to the same shape.

    >>> import torch
    >>> module = make_residual_map(2, seeds=[0])
    >>> with torch.no_grad():
    ...     _ = module["map"].copy_(torch.tensor([[[0.0, 1.0], [0.0, 0.0]]]))
    >>> move(module, torch.tensor([[[3.0, 1.0]]])).tolist()     # (3, 1) + (0, 3), over its length 5
    [[[0.6000000238418579, 0.800000011920929]]]
    """
    import torch

    if "map" in module:
        step = torch.bmm(vectors, module["map"])
    else:
        step = torch.bmm(torch.relu(torch.bmm(vectors, module["inner"])), module["outer"])
    return torch.nn.functional.normalize(vectors + step, dim=-1)


def map_score(module: torch.nn.ParameterDict, queries: KeyedVectors, passages: KeyedVectors) -> SeedsScore:
    """Cosines (seeds, queries, passages) of mapped vectors."""
    import torch

    tables = torch.from_numpy(queries.vectors), torch.from_numpy(passages.vectors)

    def score(asked: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> torch.Tensor:
        left = tables[0][torch.tensor([queries.places(keys) for keys in asked])]
        right = tables[1][torch.tensor([passages.places(keys) for keys in answers])]
        moved = move(module, torch.cat([left, right], dim=1))  # one product in place of two
        return torch.bmm(moved[:, : left.shape[1]], moved[:, left.shape[1] :].transpose(1, 2))

    return score


def map_vectors(module: torch.nn.ParameterDict, vectors: np.ndarray) -> np.ndarray:
    """The vectors (vectors, dim) as each seed maps them: (seeds, vectors, dim) float32."""
    import torch

    given = torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
    seeds = len(next(iter(module.values())))
    with torch.inference_mode():
        return move(module, given.expand(seeds, *given.shape)).numpy()


def train_residual_map(
    queries: KeyedVectors,
    passages: KeyedVectors,
    triples: Sequence[Triple],
    loss: RankingLoss,
    settings: TrainingSettings,
    seeds: Sequence[int],
    *,
    hidden: int | None = None,
    dev: tuple[DevTopics, np.ndarray, np.ndarray] | None = None,
    look_every: int = 50,
    optimiser: Optimiser = FUSED_ADAMW,
    **options: Any,
) -> tuple[torch.nn.ParameterDict, list[TrainingLog]]:
    """Train a map of each seed on triples of keys; give the maps and a log of each seed.

    `dev` are development topics and the vectors of their queries and documents, before the map: with them the
    step of each seed is chosen. `options` are those of `train_side_by_side` (sampler, checkpoint folder,
    progress). Raises `InputError` for a key without a vector, and as `check_triples` does.
    """
    check_triples(triples, loss.negatives)
    queries.places([t.query for t in triples])
    passages.places([passage for t in triples for passage in (t.positive, *t.negatives)])
    module = make_residual_map(queries.vectors.shape[1], seeds, hidden)
    choice = None
    if dev is not None:
        topics, asked, documents = dev

        def measure() -> np.ndarray:
            moved = zip(map_vectors(module, asked), map_vectors(module, documents), strict=True)
            return np.stack([topics.values(left @ right.T) for left, right in moved])

        choice = EarlyChoice(measure, look_every)
    losses = seeds_loss(map_score(module, queries, passages), loss)
    logs = train_side_by_side(
        module, losses, triples, settings, seeds, choice=choice, optimiser=optimiser, **options
    )
    return module, logs


def save_residual_map(module: torch.nn.ParameterDict, folder: str | Path) -> None:
    """Write the maps of all seeds and `reprise.json`."""
    from safetensors.torch import save_file

    Path(folder).mkdir(parents=True, exist_ok=True)
    save_file({name: weight.detach().contiguous() for name, weight in module.items()}, Path(folder) / WEIGHTS)
    write_description(folder, {"kind": KIND})


def open_residual_map(folder: str | Path) -> torch.nn.ParameterDict:
    """Open what `save_residual_map` wrote; `InputError` when it is another kind of checkpoint."""
    import torch
    from safetensors.torch import load_file

    read_description(folder, KIND)
    return torch.nn.ParameterDict(load_file(Path(folder) / WEIGHTS))
