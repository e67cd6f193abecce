"""Hidden states of texts at one layer of an encoder, computed once and kept for `StoredStates` to open.

A state is kept in float32 as it was computed, or rounded to float16 (11 bits: a relative error of at most
2^-11 where a value is not tiny).

Texts go through the lower layers in the batches of `TransformerEncoder`, longest first, so that the layers
above read the same batches and give the same bytes as the whole encoder does (states in float32, the same
number of threads). In other batches, as in training, padding and the shapes of matrix products move the last
bits.

A killed run goes on from the batches whose states are in the file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.data.cache import write_atomically
from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.retrieval.checkpoint import DESCRIPTION, write_description
from reprise.retrieval.encoders import encoding_order
from reprise.retrieval.stored_states import KIND, STATES, TEXTS, states_identity, text_digest
from reprise.retrieval.torch_settings import autocast, use_threads
from reprise.retrieval.tower import Tokens, hidden_states, lower_layers, tokenise
from reprise.retrieval.training import Progress
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

IDENTITY = "identity.json"


def store_states(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    layer: int,
    folder: str | Path,
    *,
    max_tokens: int,
    kept: str = "float16",
    precision: str = "float32",
    batch_size: int = 32,
    threads: int | None = None,
    device: str = "cpu",
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the states of each distinct text that layer `layer` (counted from 0) reads.

    As many as there are layers gives the last states. `max_tokens` counts special tokens; `kept` is "float16"
    or "float32"; `precision` is what is computed in ("bfloat16" by autocast, as in training). With a
    `checkpoint_folder` a killed run goes on there. Raises `InputError` for no text, for a layer that the
    encoder lacks, when what lies in the checkpoint folder is of another run, and, naming the text, for a
    state that float16 cannot hold; `EnvironmentNotReady` when the disk is full.
    """
    import torch

    if kept not in ("float16", "float32"):
        raise ParameterError("states are kept in 'float16' or 'float32'", given=kept)
    check_texts(texts, "text")
    if not texts:
        raise InputError("there are no texts whose states could be stored")
    texts = list(dict.fromkeys(texts))
    lower = lower_layers(model, layer)
    identity = {
        **states_identity(lower, tokenizer, layer, max_tokens, precision),
        "kept": kept,
        "dim": model.config.hidden_size,
        "batch_size": batch_size,
        "texts": hashlib.sha256(b"".join(map(text_digest, texts))).hexdigest(),
    }
    work, folder = Path(checkpoint_folder or folder), Path(folder)
    _claim(work, identity)
    ordered = [texts[i] for i in encoding_order(texts)]
    ids = tokenizer(ordered, max_length=max_tokens, truncation=True)["input_ids"]
    ends = np.cumsum([len(row) for row in ids])
    batches = [ordered[begin : begin + batch_size] for begin in range(0, len(ordered), batch_size)]
    last = np.minimum(np.arange(1, len(batches) + 1) * batch_size, len(ordered)) - 1
    batch_ends = ends[last] * identity["dim"] * np.dtype(kept).itemsize  # in bytes of the file

    path = work / STATES
    written = path.stat().st_size if path.exists() else 0
    done = int(np.searchsorted(batch_ends, written, side="right"))  # whole batches
    left = range(done, len(batches))
    try:
        with path.open("ab") as file, torch.inference_mode():
            file.truncate(int(batch_ends[done - 1]) if done else 0)
            with use_threads(threads), autocast(device, precision):
                for number in progress(left, total=len(left)) if progress else left:
                    tokens = tokenise(tokenizer, batches[number], max_tokens, device)
                    rows = _rows(hidden_states(lower, tokens), tokens, kept)
                    _refuse_infinite(batches[number], rows, kept)
                    file.write(b"".join(row.tobytes() for row in rows))
                    file.flush()
    except OSError as error:
        raise EnvironmentNotReady(
            f"the states cannot be written: {error.strerror}", remedy="make room, or use another folder"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(
        folder / TEXTS,
        digests=np.frombuffer(b"".join(map(text_digest, ordered)), np.uint8).reshape(len(ordered), -1),
        ids=np.concatenate([np.asarray(row, np.int32) for row in ids]),
        ends=ends,
    )
    if work != folder:
        shutil.move(path, folder / STATES)
    write_description(folder, {"kind": KIND, **identity})
    (work / IDENTITY).unlink()


def _rows(states: torch.Tensor, tokens: Tokens, kept: str) -> list[np.ndarray]:
    """The states of each text's own tokens, padding left out."""
    lengths = tokens["attention_mask"].sum(1).tolist()
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused
        table = states.float().cpu().numpy().astype(kept)
    return [row[:length] for row, length in zip(table, lengths, strict=True)]


def _refuse_infinite(texts: Sequence[str], rows: Sequence[np.ndarray], kept: str) -> None:
    for text, row in zip(texts, rows, strict=True):
        if not np.isfinite(row).all():
            raise InputError(
                f"a state of a text is no finite number in {kept}",
                given=text[:200],
                remedy="keep the states in float32",
            )


def _claim(work: Path, identity: dict[str, Any]) -> None:
    """Write whose states these will be, or make sure that it was the same run that began them."""
    path = work / IDENTITY
    if path.exists():
        found = json.loads(path.read_text(encoding="utf-8"))
        differs = {k: (found.get(k), v) for k, v in identity.items() if found.get(k) != v}
        if differs:
            raise InputError(
                "the folder holds states of another run that was not finished (found, asked for)",
                given=differs,
                remedy="give each run a folder of its own",
            )
        return
    for finished in (DESCRIPTION, STATES):  # of an earlier run, which these states are to replace
        (work / finished).unlink(missing_ok=True)
    write_atomically(path, json.dumps(identity).encode())
