"""Hidden states of chosen layers, computed once over texts and kept: a stopped run goes on where it was.

Layers are counted as in `layers`. Kept are the states of each text's last token or of all its tokens, in
float16 or float32, in parts that are whole or not there; a folder knows what made it and serves nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from reprise.data.cache import write_atomically
from reprise.errors import InputError, ParameterError
from reprise.language.forward import batches
from reprise.language.layers import check_layers, hidden_states
from reprise.language.model import LanguageModel, Progress
from reprise.language.tokens import check_ids

DESCRIPTION = "states.json"
BATCH_TOKENS = 4096
Tokens = Literal["last", "all"]
Dtype = Literal["float16", "float32"]


@dataclass(frozen=True)
class States:
    """A folder of states; made by `cache_states`."""

    folder: Path
    layers: tuple[int, ...]
    texts: int
    part_size: int

    def of(self, number: int, layer: int) -> np.ndarray:
        """One text's states of one layer: (tokens, dim), or (1, dim) where only last tokens are kept."""
        part, place = divmod(number, self.part_size)
        counts = self._counts[part]
        begin = int(counts[:place].sum())
        return self._part(part, layer)[begin : begin + int(counts[place])]

    def matrix(self, layer: int) -> np.ndarray:
        """All texts' states of one layer, one under the other: (rows, dim)."""
        return np.concatenate([self._part(part, layer) for part in range(len(self._counts))])

    @cached_property
    def _counts(self) -> list[np.ndarray]:
        return [
            np.load(self.folder / f"part-{p}" / "counts.npy") for p in range(-(-self.texts // self.part_size))
        ]

    def _part(self, part: int, layer: int) -> np.ndarray:
        if layer not in self.layers:
            raise ParameterError(
                "this layer was not kept", given=layer, remedy=f"choose from {list(self.layers)}"
            )
        return np.load(self.folder / f"part-{part}" / f"layer-{layer}.npy", mmap_mode="r")


def cache_states(
    lm: LanguageModel,
    rows: Sequence[Sequence[int]],
    folder: str | Path,
    *,
    layers: Sequence[int],
    tokens: Tokens = "last",
    dtype: Dtype = "float16",
    part_size: int = 256,
    progress: Progress | None = None,
) -> States:
    """The states of the texts whose ids are given, from the folder as far as it has them.

    Raises `ParameterError` for a layer that the model does not have and for a setting that is none, and
    `InputError` for no texts, one that does not fit the context, and for a folder that was made from other
    texts, by another model or precision, or of other layers.
    """
    check_layers(lm, layers)
    layers = tuple(sorted(set(layers)))
    for name, value, allowed in (
        ("tokens", tokens, get_args(Tokens)),
        ("dtype", dtype, get_args(Dtype)),
    ):
        if value not in allowed:
            raise ParameterError(f"{name} must be one of {', '.join(allowed)}", given=value)
    if part_size < 1:
        raise ParameterError("part_size must be at least 1", given=part_size)
    if not len(rows):
        raise InputError("there are no texts to keep states of")
    for number, ids in enumerate(rows):
        check_ids(lm, ids, f"text {number}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _describe(
        folder,
        {
            "model": lm.fingerprint,
            "precision": lm.precision,
            "layers": list(layers),
            "tokens": tokens,
            "dtype": dtype,
            "part_size": part_size,
            "texts": hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest(),
        },
    )
    starts = range(0, len(rows), part_size)
    for start in progress(starts, total=len(starts)) if progress else starts:
        target = folder / f"part-{start // part_size}"
        if not target.is_dir():
            _write_part(target, *_compute(lm, rows[start : start + part_size], layers, tokens, dtype))
    return States(folder, layers, len(rows), part_size)


def _compute(
    lm: LanguageModel, rows: Sequence[Sequence[int]], layers: Sequence[int], tokens: str, dtype: str
) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """How many states each row has, and each layer's states one under the other, in the order of the rows."""
    lengths = [len(row) for row in rows]
    found: dict[int, list[Any]] = {layer: [None] * len(rows) for layer in layers}
    for group in batches(lengths, BATCH_TOKENS):
        kept = hidden_states(lm, [rows[i] for i in group], layers)
        for layer, states in kept.items():
            for place, row in enumerate(group):
                begin = lengths[row] - 1 if tokens == "last" else 0
                found[layer][row] = states[place, begin : lengths[row]].float().cpu().numpy().astype(dtype)
    counts = np.array([1 if tokens == "last" else length for length in lengths])
    return counts, {layer: np.concatenate(parts) for layer, parts in found.items()}


def _write_part(target: Path, counts: np.ndarray, states: dict[int, np.ndarray]) -> None:
    """Write beside the target, then rename: a part is whole or not there."""
    import shutil

    beside = target.with_name(f".{target.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    np.save(beside / "counts.npy", counts)
    for layer, values in states.items():
        if not np.isfinite(values).all():
            raise InputError(
                f"states of layer {layer} do not fit {values.dtype}", remedy="keep them in float32"
            )
        np.save(beside / f"layer-{layer}.npy", values)
    beside.rename(target)


def _describe(folder: Path, wanted: dict[str, Any]) -> None:
    """Write what makes the folder, or compare with what made it."""
    file = folder / DESCRIPTION
    if not file.is_file():
        write_atomically(file, (json.dumps(wanted, indent=1) + "\n").encode())
        return
    there = json.loads(file.read_text(encoding="utf-8"))
    if differing := [name for name, value in wanted.items() if there.get(name) != value]:
        raise InputError(
            f"these states were made otherwise: {', '.join(differing)}",
            given={name: there.get(name) for name in differing},
            remedy="remove the folder, or give another one",
        )
