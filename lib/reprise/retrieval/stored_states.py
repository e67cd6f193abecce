"""Hidden states of texts at one layer of an encoder, computed once (`store_states`) and read from a file.

For training the layers above (`tower`), for heads over the last layer (`token_weight_head`), and for encoding
again after the layers above were trained.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import InputError
from reprise.retrieval.checkpoint import read_description
from reprise.retrieval.encoders import TransformerEncoder
from reprise.retrieval.tower import Tokens, lower_layers, upper_layers
from reprise.retrieval.training import Progress
from reprise.texts import check_texts

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

KIND, STATES, TEXTS = "states", "states.bin", "texts.npz"


@dataclass(frozen=True)
class StoredStates:
    """What `store_states` wrote; the states are mapped into memory, not read.

    `ends[i]` is the row after the last of text i, texts in the order of encoding; `ids` (rows,)
    are the token ids, `rows` (rows, dim) the states.
    """

    description: dict[str, Any]
    digests: np.ndarray
    ids: np.ndarray
    ends: np.ndarray
    rows: np.ndarray

    @classmethod
    def open(cls, folder: str | Path) -> StoredStates:
        """Open a folder of states; `InputError` when there are none, or when they are not whole."""
        folder = Path(folder)
        description = read_description(folder, KIND)
        try:
            with np.load(folder / TEXTS, allow_pickle=False) as saved:
                texts = {name: saved[name] for name in ("digests", "ids", "ends")}
            shape = len(texts["ids"]), description["dim"]
            rows = np.memmap(folder / STATES, description["kept"], mode="r", shape=shape)
        except Exception as error:  # zipfile, zlib and numpy each have their own ways to say damaged
            raise InputError(
                f"the stored states are damaged: {error}", given=folder.name, remedy="store them again"
            ) from error
        return cls(description, **texts, rows=rows)

    def check(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        layer: int,
        max_tokens: int,
        precision: str,
    ) -> None:
        """Raise `InputError`, naming what differs, unless these are the states that this model would give."""
        wanted = states_identity(lower_layers(model, layer), tokenizer, layer, max_tokens, precision)
        differs = {k: (self.description[k], v) for k, v in wanted.items() if self.description[k] != v}
        if differs:
            raise InputError(
                "the stored states are not those of this encoder (stored, asked for)",
                given=differs,
                remedy="store states with the same model, layer, precision and limit of tokens",
            )

    def places(self, texts: Sequence[str]) -> list[int]:
        """Where each text stands; `InputError` names the first that was not stored."""
        check_texts(texts, "text")
        try:
            return [self._place[text_digest(text)] for text in texts]
        except KeyError:
            unknown = next(text for text in texts if text_digest(text) not in self._place)
            raise InputError(
                "a text has no stored states", given=unknown[:200], remedy="store the states of all texts"
            ) from None

    def token_rows(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The rows of the tokens of these texts, text by text, and the number of tokens of each text."""
        places = np.asarray(self.places(texts))
        begins = np.where(places > 0, self.ends[places - 1], 0)
        lengths = self.ends[places] - begins
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return np.repeat(begins, lengths) + within, lengths

    def read(self, texts: Sequence[str], device: str = "cpu") -> Tokens:
        """`input_ids`, `attention_mask` and `inputs_embeds` (float32) of the texts, padded to the longest."""
        import torch

        rows, lengths = self.token_rows(texts)
        there = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(there.shape, np.int64)
        ids[there] = self.ids[rows]
        states = np.zeros((*there.shape, self.rows.shape[1]), np.float32)
        states[there] = self.rows[rows]
        made = {"input_ids": ids, "attention_mask": there.astype(np.int64), "inputs_embeds": states}
        return {name: torch.from_numpy(array).to(device) for name, array in made.items()}

    @cached_property
    def _place(self) -> dict[bytes, int]:
        return {row.tobytes(): place for place, row in enumerate(self.digests)}


def encode_stored(
    encoder: TransformerEncoder,
    states: StoredStates,
    texts: Sequence[str],
    *,
    max_tokens: int,
    progress: Progress | None = None,
) -> np.ndarray:
    """The encoder's vectors of texts, (texts, dim) float32, with the lower layers' states read, not computed.

    Of the same distinct texts and batch size, states in float32 give the same bytes as the whole encoder.
    Raises `InputError` as `StoredStates.check` does.
    """
    layer = states.description["layer"]
    states.check(encoder.model, encoder.tokenizer, layer=layer, max_tokens=max_tokens, precision="float32")
    read = partial(states.read, device=encoder.device)
    return encoder.encode_read(texts, read, upper_layers(encoder.model, layer), progress)


def states_identity(
    lower: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, layer: int, max_tokens: int, precision: str
) -> dict[str, Any]:
    """What the states of a text depend on besides the text: the lower layers, and how they are run."""
    import torch

    digest = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode())
    used = lower.embeddings.state_dict() | lower.encoder.state_dict()
    for name, weight in sorted(used.items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    weights = str(lower.dtype).removeprefix("torch.")
    return {
        "model": digest.hexdigest(),
        "layer": layer,
        "max_tokens": max_tokens,
        "precision": precision,
        "weights": weights,
    }


def text_digest(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
