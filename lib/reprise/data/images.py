"""Image sets from local files: MNIST and Fashion-MNIST as idx.gz, MNIST-C as the released arrays.

They lie under REPRISE_DATA/images, in the layout in which each is distributed:
mnist/ and fashion-mnist/     {train,t10k}-{images-idx3,labels-idx1}-ubyte.gz
mnist_c/<kind>/               {train,test}_{images,labels}.npy   (Zenodo record 3239543, unpacked)
Nothing is downloaded here.
"""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np

from reprise.data.corruptions import KINDS, SIZE
from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady, InputError

IDX_FILES = tuple(
    f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1")
)
MNIST_C_FILES = tuple(
    f"{kind}/{part}_{what}.npy"
    for kind in KINDS
    for part in ("train", "test")
    for what in ("images", "labels")
)


def images_folder(name: str) -> Path:
    """Where an image set is looked for: REPRISE_DATA/images/<name>."""
    return user_path(os.environ.get("REPRISE_DATA", "").strip() or "data", "REPRISE_DATA") / "images" / name


def missing_files(name: str) -> list[str]:
    """The files of "mnist", "fashion-mnist" or "mnist_c" that are not there."""
    files = MNIST_C_FILES if name == "mnist_c" else IDX_FILES
    return [file for file in files if not (images_folder(name) / file).is_file()]


def fingerprint(name: str) -> str:
    """What tells one copy of an image set from another: a hash of its files' names, sizes and first 64 KiB.

    "missing" when a file is not there.
    """
    import hashlib

    if missing_files(name):
        return "missing"
    digest = hashlib.sha256()
    for file in MNIST_C_FILES if name == "mnist_c" else IDX_FILES:
        path = images_folder(name) / file
        with path.open("rb") as content:
            digest.update(f"{file} {path.stat().st_size} ".encode() + content.read(65536))
    return digest.hexdigest()[:32]


def load_idx(name: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) in 0..1 and labels (n,) of "mnist" or "fashion-mnist"; `part` is "train" or "test".

    Raises `EnvironmentNotReady` when the files are not there, `InputError` for files that are not whole.
    """
    _require(name)
    prefix = "train" if part == "train" else "t10k"
    images = read_idx(images_folder(name) / f"{prefix}-images-idx3-ubyte.gz")
    labels = read_idx(images_folder(name) / f"{prefix}-labels-idx1-ubyte.gz")
    _check(images, labels, f"{name}/{prefix}")
    return images / 255, labels.astype(int)


def load_mnist_c(kind: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 28, 28) in 0..1 and labels (n,) of one kind of the released MNIST-C.

    Raises `InputError` for an unknown kind, and as `load_idx`.
    """
    if kind not in KINDS:
        raise InputError("MNIST-C has no such kind", given=kind, remedy=f"one of {', '.join(KINDS)}")
    _require("mnist_c")
    folder = images_folder("mnist_c") / kind
    images, labels = (
        np.load(folder / f"{part}_{what}.npy", allow_pickle=False) for what in ("images", "labels")
    )
    images = images.reshape(images.shape[:3])  # the release has a last axis of 1
    _check(images, labels, f"mnist_c/{kind}/{part}")
    return images / 255, labels.astype(int)


def read_idx(path: Path) -> np.ndarray:
    """The array of bytes in an idx file, plain or gzipped; `InputError` when it is not one, or is cut short.

    The format: two zero bytes, the type (8 = unsigned byte), the number of axes, each axis as a big-endian
    32-bit number, then the values.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise InputError(f"{path.name} is no gzip file or is cut short: {error}") from None
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise InputError(f"{path.name} is no idx file of bytes", given=content[:4])
    axes = content[3]
    head = 4 + 4 * axes
    shape = struct.unpack(f">{axes}I", content[4:head]) if len(content) >= head else ()
    if len(shape) != axes or len(content) != head + int(np.prod(shape)):
        raise InputError(
            f"{path.name} is cut short or too long", given={"axes": shape, "bytes": len(content)}
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def _require(name: str) -> None:
    if missing := missing_files(name):
        raise EnvironmentNotReady(
            f"the image set {name} is not here: {len(missing)} files are missing",
            given=missing[:3],
            remedy="put its files under REPRISE_DATA/images (see reprise.data.images for the layout)",
        )


def _check(images: np.ndarray, labels: np.ndarray, name: str) -> None:
    if images.ndim != 3 or images.shape[1:] != (SIZE, SIZE) or images.shape[:1] != labels.shape:
        raise InputError(
            f"{name} must be images (n, {SIZE}, {SIZE}) with a label each", given=(images.shape, labels.shape)
        )
