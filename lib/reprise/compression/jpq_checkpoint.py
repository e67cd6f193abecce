"""Released JPQ checkpoints: a transformer with `centroids` and `rotation` among its weights.

The layout of the authors' checkpoints on the hub (income/jpq-question_encoder-... and -document_encoder-...):
the document tower has the centroids that codes are assigned with, the question tower those that score.
Vectors are the first token's, unscaled, as TAS-B has them; JPQ(STAR), whose head is another, is not read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.compression.product import ProductCode
from reprise.errors import EnvironmentNotReady, InputError
from reprise.retrieval.encoders import load_encoder

if TYPE_CHECKING:
    from reprise.retrieval.encoders import Encoder

FILES = ("model.safetensors", "pytorch_model.bin")
PARTS = ("centroids", "rotation")


def open_tower(
    name_or_folder: str | Path, *, precision: str = "float32", threads: int | None = None
) -> tuple[Encoder, ProductCode]:
    """The encoder and the product code of a tower, by name on the hub or from a folder.

    Raises `EnvironmentNotReady` when there is no such checkpoint, and `InputError` for one without its
    centroids or its rotation, or whose rotation does not fit them.
    """
    weights = _read_weights(name_or_folder)
    missing = [part for part in PARTS if part not in weights]
    if missing:
        raise InputError(
            f"the checkpoint has no {' and no '.join(missing)}, so it is no tower of JPQ",
            given=Path(name_or_folder).name,
            remedy="name one of the jpq-question_encoder or jpq-document_encoder checkpoints",
        )
    centroids, rotation = (weights[part].float().numpy() for part in PARTS)
    if centroids.ndim != 3 or rotation.shape != (centroids.shape[0] * centroids.shape[2],) * 2:
        raise InputError(
            "the checkpoint's rotation does not fit its centroids", given=(rotation.shape, centroids.shape)
        )
    encoder = load_encoder(
        name_or_folder,
        precision=precision,
        threads=threads,
        pooling="cls",
        normalise=False,
        max_query_tokens=64,
    )
    return encoder, ProductCode(rotation, centroids)


def _read_weights(name_or_folder: str | Path) -> dict[str, Any]:
    """The tensors of the first weight file that is there."""
    import torch
    from transformers.utils import cached_file

    for file in FILES:
        try:
            path = cached_file(str(name_or_folder), file, _raise_exceptions_for_missing_entries=False)
        except (OSError, ValueError) as error:  # ValueError: a path that is no name on the hub
            raise EnvironmentNotReady(
                f"no checkpoint of JPQ can be opened: {error}",
                given=str(name_or_folder),
                remedy="fetch it, or name a folder that holds it",
            ) from error
        if path is None:
            continue
        if file.endswith(".bin"):
            return torch.load(path, map_location="cpu", weights_only=True)
        from safetensors.torch import load_file

        return load_file(path)
    raise EnvironmentNotReady(
        "the checkpoint has no weights that can be read",
        given=Path(name_or_folder).name,
        remedy="fetch it again",
    )
