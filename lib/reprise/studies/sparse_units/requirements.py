"""What the study needs from outside: image sets of its open and paper profiles; other tasks are embedded."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from reprise.experiment.image_sources import image_source
from reprise.experiment.requirement import Requirement

OUTSIDE = {"mnist": "mnist-test", "fashion": "fashion-mnist", "cifar": "cifar-10", "imagenet": "imagenet"}
_HOW = {
    "mnist-test": "reprise fetch, or put the two idx files of its test part under REPRISE_DATA/images/mnist",
    "fashion-mnist": "reprise fetch, or put its four idx files under REPRISE_DATA/images/fashion-mnist",
    "cifar-10": "unpack its binary version under REPRISE_DATA/images/cifar-10",
    "imagenet": "put train/ and val/, a folder a class, under REPRISE_DATA/images/imagenet",
}
_SOURCE = {"mnist-test": ("mnist", "t10k")}
_LICENCE = {
    "mnist-test": "CC BY-SA 3.0",
    "fashion-mnist": "MIT",
    "cifar-10": "not stated",
    "imagenet": "non-commercial research",
}


def image_requirements(tasks: Iterable[str], optional: bool = False) -> list[Requirement]:
    """The image sets of the tasks that no package brings."""
    names = [OUTSIDE[task] for task in dict.fromkeys(tasks) if task in OUTSIDE]
    return [
        Requirement(
            "collection",
            name,
            partial(_present, name),
            _HOW[name],
            licence=_LICENCE[name],
            optional=optional,
            **image_source(*_SOURCE.get(name, (name,))),
        )
        for name in names
    ]


def is_present(task: str) -> bool:
    """Whether the images of a task are here; those of embedded tasks are."""
    return task not in OUTSIDE or _present(OUTSIDE[task])


def image_fingerprints(tasks: Iterable[str]) -> dict[str, str]:
    """What tells one copy of each outside image set from another, by name: part of the units' keys."""
    from reprise.data import images
    from reprise.data.mnist_test import mnist_test_fingerprint

    found = {}
    for task in dict.fromkeys(tasks):
        if task == "mnist":
            found["mnist-test"] = mnist_test_fingerprint()
        elif task == "fashion":
            found["fashion-mnist"] = images.fingerprint("fashion-mnist")
        elif task in OUTSIDE:
            found[OUTSIDE[task]] = _sizes(OUTSIDE[task])
    return found


def _sizes(name: str) -> str:
    """A hash of the names and sizes of a set's files; "missing" without any."""
    import hashlib

    from reprise.data.images import images_folder

    folder, digest = images_folder(name), hashlib.sha256()
    files = sorted(f for f in folder.rglob("*") if f.is_file()) if folder.is_dir() else []
    for file in files:
        digest.update(f"{file.relative_to(folder)} {file.stat().st_size}\n".encode())
    return digest.hexdigest()[:32] if files else "missing"


def _present(name: str) -> bool:
    if name == "mnist-test":
        from reprise.data.mnist_test import mnist_test_missing

        return not mnist_test_missing()
    if name == "cifar-10":
        from reprise.data.cifar import cifar_missing

        return not cifar_missing()
    if name == "imagenet":
        from reprise.data.images import images_folder

        return all((images_folder(name) / part).is_dir() for part in ("train", "val"))
    from reprise.data.images import missing_files

    return not missing_files(name)
