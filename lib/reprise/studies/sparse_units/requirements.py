"""What the study needs from outside: Fashion-MNIST for its open profile; the other tasks are embedded."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from reprise.experiment.requirement import Requirement

OUTSIDE = {"fashion": "fashion-mnist"}


def image_requirements(tasks: Iterable[str]) -> list[Requirement]:
    """The image sets of the tasks that no package brings."""
    return [
        Requirement(
            "collection",
            OUTSIDE[task],
            partial(_present, OUTSIDE[task]),
            f"put its four idx files under REPRISE_DATA/images/{OUTSIDE[task]}",
            licence="MIT",
        )
        for task in dict.fromkeys(tasks)
        if task in OUTSIDE
    ]


def _present(name: str) -> bool:
    from reprise.data.images import missing_files

    return not missing_files(name)
