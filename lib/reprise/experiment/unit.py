"""A unit of work: one pure, repeatable step of a study.

A unit is a module-level function plus everything its outcome may depend on: validated parameters,
the units it needs, fingerprints of outside inputs and a seed. Its content key is made from these, so
two studies that ask for the same encoding share it, and nothing is done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reprise.errors import ParameterError


@dataclass(frozen=True)
class Unit:
    """One step: `function(context, **parameters)` returns a JSON value and may write in `context.folder`.

    `needs` maps the role under which the function asks for another unit's outcome to that unit's
    name; `inputs` maps a name to the fingerprint of something from outside (a file's sha256, a
    package's version). `memory_gb`, `threads` and `gpu` are what it takes to run; the thread count is
    part of the key because it changes the order of floating-point sums.
    """

    name: str
    function: Callable[..., Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    memory_gb: float = 1.0
    threads: int = 1
    gpu: bool = False

    def __post_init__(self) -> None:
        # what its maker does with the mappings later is not ours
        for name in ("parameters", "needs", "inputs"):
            object.__setattr__(self, name, dict(getattr(self, name)))
        if "<locals>" in self.function.__qualname__ or self.function.__name__ == "<lambda>":
            raise ParameterError(
                f"unit {self.name!r} needs a module-level function, so that another process can import it",
                given=self.function.__qualname__,
            )


def seed_for(study: str, condition: str, collection: str, repetition: int = 0) -> int:
    """A 32-bit seed from the names of what is run: the same names give the same seed, for ever.

    >>> seed_for("ance_prf", "k=3", "pydocs") == seed_for("ance_prf", "k=3", "pydocs")
    True
    >>> seed_for("ance_prf", "k=3", "pydocs", 1) != seed_for("ance_prf", "k=3", "pydocs", 2)
    True
    """
    names = "\x1f".join([study, condition, collection, str(repetition)])
    return int.from_bytes(hashlib.sha256(names.encode()).digest()[:4], "big")
