"""A study that does next to nothing, for tests of the machinery: base -> step/0 ... step/n-1 -> total.

Each unit appends its name to the file that TOY_LOG names, so tests count what ran. TOY_FAIL and TOY_REFUSE
name a unit that fails, TOY_SLEEP one that sleeps, TOY_KILL one whose process is killed when it starts.
"""

import hashlib
import os
import signal
import time

from pydantic import Field

from reprise.errors import InputError
from reprise.experiment.precision import Precision
from reprise.experiment.study import Parameters, Study
from reprise.experiment.unit import Unit, seed_for
from toy.place import ROOT


class Inner(Parameters):
    """A nested group of parameters."""

    factor: float = Field(default=2.0, gt=0)


class ToyParameters(Parameters):
    """What the toy can be told."""

    steps: int = Field(default=4, ge=1, le=2000)
    weight: float = Field(default=0.5, ge=0, le=1)
    precision: Precision = "auto"
    label: str = Field(default="plain", min_length=1)
    inner: Inner = Inner()
    parts: tuple[Inner, ...] = ()


class Toy(Study):
    """The study."""

    name = "toy"
    Parameters = ToyParameters

    def units(self, parameters):
        words = ROOT / "data" / "words.txt"
        inputs = {"words.txt": hashlib.sha256(words.read_bytes()).hexdigest()}
        steps = [
            Unit(
                f"step/{i}",
                step,
                {"i": i, "factor": parameters.inner.factor},
                {"base": "base"},
                seed=seed_for("toy", "step", "words", i),
            )
            for i in range(parameters.steps)
        ]
        needs = {str(i): unit.name for i, unit in enumerate(steps)}
        return [
            Unit("base", base, {"words": "words.txt"}, inputs=inputs),
            *steps,
            Unit("total", total, {"weight": parameters.weight, "precision": parameters.precision}, needs),
        ]

    def collect(self, parameters, values):
        cells = [
            {
                "dataset": "words",
                "measure": "score",
                "factors": {"step": str(i)},
                "value": values[f"step/{i}"]["score"],
                "n": 1,
            }
            for i in range(parameters.steps)
        ]
        cells.append(
            {"dataset": "words", "measure": "total", "factors": {}, "value": values["total"], "n": 1}
        )
        return {"datasets": {"words": values["base"]}, "cells": cells, "comparisons": []}


STUDY = Toy()


def _begin(name):
    if log := os.environ.get("TOY_LOG"):
        with open(log, "a") as file:
            file.write(name + "\n")
    if os.environ.get("TOY_FAIL") == name:
        raise ValueError("the toy was told to fail")
    if os.environ.get("TOY_REFUSE") == name:
        raise InputError("the toy does not like its input", given=name)
    if os.environ.get("TOY_SLEEP") == name:
        time.sleep(60)
    if os.environ.get("TOY_KILL") == name:
        os.kill(os.getpid(), signal.SIGKILL)


def base(context, *, words):
    """Count the words."""
    _begin("base")
    text = (ROOT / "data" / words).read_text()
    (context.folder / "copy.txt").write_text(text)
    return {"words": len(text.split())}


def step(context, *, i, factor):
    """A score from the words, a random number and the method."""
    import numpy as np

    from toy.method import scale

    _begin(f"step/{i}")
    noise = np.random.default_rng(context.seed).random()
    words = len((context.folder_of("base") / "copy.txt").read_text().split())
    return {"score": scale(words * factor + noise)}


def total(context, *, weight, precision):
    """The weighted sum of all steps; the precision is part of its key, and no more."""
    _begin("total")
    roles = [str(i) for i in range(10_000) if context.has(str(i))]
    return weight * sum(context.value(role)["score"] for role in context.progress(roles))
