"""Parameters of the study of Lasso task selection.

What the papers fix and we could not read (budgets, k, epochs, floors, penalty, network, target samples) was
set before any run and not tuned: k is 10 because there are ten classes; the budget doubles from epoch to
epoch; the ablations show what other values do.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from reprise.data.corruptions import KINDS
from reprise.errors import ParameterError
from reprise.experiment.study import Parameters
from reprise.experiment.values import (
    AtLeastOne,
    BatchSize,
    Count,
    Distinct,
    Factor,
    Label,
    Name,
    Positive,
    Rate,
    Repetitions,
    Several,
    ShareBelowOne,
    SomeShare,
    check_known,
    each_once,
    misfit,
    one_of,
)
from reprise.multitask.setting import FAMILIES
from reprise.studies.lasso_units.synthetic import KNOWN

PAPERS = ("uniform", "L2", "L1")
"""The papers' strategies, which every experiment runs."""

POOLS = {
    "digits-C": (1797, None),
    "mnist-C": (60_000, 10_000),
    "mnist-test-C": (10_000, None),
    "fashion-C": (60_000, 10_000),
    "mnist-C-released": (60_000, 10_000),
}
"""Images of each set for training and for testing; None: both are taken from the same ones."""

Kind = Annotated[Name, one_of("kind of corruption", *KINDS)]
Epochs = Annotated[int, Field(ge=2, le=12)]
Size = Annotated[int, Field(ge=1, le=4096)]
"""Inputs, a dimension, a width."""


class ImageSetSpec(Parameters):
    """An image set: pixels a side, principal components (None: pixels), pool sizes.

    `disjoint` gives every task of a kind a tenth of the images of its own. "mnist-test-C" takes both pools
    from MNIST's 10,000 test images.
    """

    name: Literal["digits-C", "mnist-C", "mnist-test-C", "fashion-C", "mnist-C-released"] = "digits-C"
    size: int = Field(default=8, ge=4, le=28)
    components: Size | None = None
    train: Annotated[Count, Field(ge=100)] = 1200
    test: Annotated[Count, Field(ge=50)] = 597
    disjoint: bool = False

    @model_validator(mode="after")
    def _fits(self) -> ImageSetSpec:
        train, test = POOLS[self.name]
        if self.train > train:
            raise misfit("train", f"{self.name} has {train} images for training", self.train)
        left = train - self.train if test is None else test
        if self.test > left:
            raise misfit("test", f"{self.name} has {left} images left for testing", self.test)
        if self.components is not None and self.components > self.size**2:
            raise misfit("components", f"an image has {self.size**2} pixels", self.components)
        return self

    @property
    def inputs(self) -> int:
        """Inputs of the linear representation: components or pixels, and a constant."""
        return (self.components or self.size**2) + 1


class NetworkSpec(Parameters):
    """The ConvNet: widths of its two layers, and how an epoch is trained."""

    channels: tuple[Size, Size] = (8, 16)
    steps: Count = 150
    batch: BatchSize = 128
    rate: Rate = 5e-3
    ridge: Factor = 1.0


class ImageTasks(Parameters):
    """Experiments on image tasks; `samples` is the mean number a source, `target_samples` the target's."""

    kinds: Annotated[Several[Kind], Field(min_length=2)] = tuple(KINDS)
    seeds: Repetitions = 5
    k: Size = 10
    samples: Count = 100
    target_samples: Annotated[Count, Field(ge=2)] = 50
    epochs: Epochs = 3
    penalty: SomeShare = 0.1
    ridge: Factor = 1.0
    convnet_seeds: Annotated[int, Field(ge=0, le=1000)] = 5
    convnet_epochs: Epochs = 2
    network: NetworkSpec = NetworkSpec()
    batch: Size = 4
    shown: Several[Annotated[Name, Field(pattern=r"^\w+/\d$")]] = ("identity/3", "stripe/7", "fog/0")
    gpu: bool = False

    @model_validator(mode="after")
    def _fits(self) -> ImageTasks:
        if self.k > self.sources:
            raise misfit("k", f"must be at most the number of sources, {self.sources}", self.k)
        _check_samples("samples", self.samples, max(self.epochs, self.convnet_epochs))
        for target in self.shown:
            check_known("shown", target.partition("/")[0], "images.kinds", self.kinds)
        return self

    @property
    def sources(self) -> int:
        """Sources of a target: the ten tasks of each of the other kinds."""
        return 10 * (len(self.kinds) - 1)


def _check_samples(name: str, samples: int, epochs: int) -> None:
    """Every source gives a sample in the first epoch; budgets double from epoch to epoch."""
    if samples < 2 ** (epochs - 1):
        what = f"must be at least {2 ** (epochs - 1)} for one a source in the first of {epochs} epochs"
        raise misfit(name, what, samples)


class Ablations(Parameters):
    """What is varied on the image tasks, one at a time, on some kinds and seeds; empty lists leave it out.

    The kinds are every fourth of the sixteen.
    """

    kinds: Several[Kind] = tuple(KINDS)[::4]
    seeds: Repetitions = 2
    k: Distinct[Size] = (2, 5, 10, 20)
    penalty: Distinct[SomeShare] = (0.01, 0.03, 0.1, 0.3)
    epochs: Distinct[Epochs] = (2, 3, 4)
    samples: Distinct[Count] = (20, 50, 100, 200)


class Model(Parameters):
    """The synthetic model: inputs d, dimension k of the representation, number of sources."""

    d: Size = 40
    k: Size = 5
    sources: Annotated[int, Field(ge=2, le=100_000)] = 100
    sparsity: Size = 1

    @model_validator(mode="after")
    def _fits(self) -> Model:
        most = min(self.d, self.sources)
        if self.k > most:
            raise misfit("k", f"must be at most the inputs and the sources, {most}", self.k)
        if self.sparsity > self.sources:
            raise misfit("sparsity", f"must be at most the sources, {self.sources}", self.sparsity)
        return self


class Scaling(Parameters):
    """One axis along which the problem grows: "sources", "sparsity" or "k", its values, and the rest of the
    model.
    """

    axis: Literal["sources", "sparsity", "k"]
    values: Annotated[Several[Count], Field(min_length=2)]
    family: Literal["random", "spikes", "hardest"]
    model: Model

    @model_validator(mode="after")
    def _fits(self) -> Scaling:
        for value in self.values:
            changed = {**self.model.model_dump(), self.axis: value}
            if changed["k"] >= changed["d"]:
                raise misfit("values", f"k must be below the inputs, {changed['d']}", value)
            if changed["k"] > changed["sources"]:
                raise misfit("values", f"there must be a source for each of k, {changed['k']}", value)
            _check_family("values", self.family, value, **changed)
        return self


def _check_family(name: str, family: str, given: object, k: int, sources: int, sparsity: int, d: int) -> None:
    """Raise, for the parameter, when the model is too small for the family: by making one instance."""
    try:
        FAMILIES[family](k, sources, sparsity, np.random.default_rng(0))
    except ParameterError as error:
        raise misfit(name, f"{family}: {error.what}", given) from None


class Synthetic(Parameters):
    """Experiments on the synthetic model; `floor` is the share of uniform counts that every source gives."""

    seeds: Annotated[Repetitions, Field(ge=2)] = 30
    model: Model = Model()
    families: Several[Literal["random", "sparse", "rare", "clusters"]] = (
        "random",
        "sparse",
        "rare",
        "clusters",
    )
    budgets: Several[Count] = (2000, 6000, 20_000)
    noise: Positive = 1.0
    target_samples: Count = 500
    floor: ShareBelowOne = 0.1
    epochs: Epochs = 3
    penalty: SomeShare = 0.1
    powers: Distinct[Annotated[Name, one_of("strategy", *(n for n in KNOWN if n not in PAPERS))]] = (
        "least L2, power 1",
        "least L1, power 2",
        "least L1, power 1/2",
        "least L2, power 1/2",
    )
    risk: Positive = 0.01
    scaling: Annotated[dict[Label, Scaling], Field(min_length=1)] = {
        "sources": Scaling(
            axis="sources", values=(20, 40, 80, 160), family="spikes", model=Model(d=30, k=4, sources=20)
        ),
        "sparsity": Scaling(
            axis="sparsity", values=(1, 2, 4), family="spikes", model=Model(d=30, k=6, sources=60)
        ),
        "dimension": Scaling(axis="k", values=(2, 4, 8), family="random", model=Model(d=30, k=2, sources=80)),
        "hardest": Scaling(
            axis="sources", values=(16, 32, 64, 128), family="hardest", model=Model(d=30, k=2, sources=16)
        ),
    }
    recovery_samples: Several[Count] = (20, 40, 80, 160, 320)
    recovery_penalties: Several[SomeShare] = (0.01, 0.1)
    money: Positive = 6000
    price_spread: Annotated[float, Field(ge=0, le=10)] = 1.0
    opening: Factor = 40

    @model_validator(mode="after")
    def _fits(self) -> Synthetic:
        for family in self.families:
            _check_family("model", family, self.model.sources, **self.model.model_dump())
        least = self.model.sources * 2 ** (self.epochs - 1)
        if min(self.budgets) < least:
            what = f"must be at least {least}, for one sample a source in the first of {self.epochs} epochs"
            raise misfit("budgets", what, min(self.budgets))
        if self.money <= self.opening:
            raise misfit("money", f"must be more than opening a source costs, {self.opening:g}", self.money)
        return self


class LassoParameters(Parameters):
    """Everything that the study can be told; with `skip_missing` an image set that is missing is left out."""

    image_sets: Annotated[AtLeastOne[ImageSetSpec], each_once("name")] = (ImageSetSpec(),)
    skip_missing: bool = False
    images: ImageTasks = ImageTasks()
    ablations: Ablations = Ablations()
    synthetic: Synthetic = Synthetic()

    @model_validator(mode="after")
    def _fits(self) -> LassoParameters:
        for place, spec in enumerate(self.image_sets):
            if self.images.k > spec.inputs:
                what = f"must be at most the inputs of {spec.name} (image_sets.{place}), {spec.inputs}"
                raise misfit("images.k", what, self.images.k)
            for k in self.ablations.k:
                # more than there are sources is left out
                if spec.inputs < k <= self.images.sources:
                    what = f"must be at most the inputs of {spec.name} (image_sets.{place}), {spec.inputs}"
                    raise misfit("ablations.k", what, k)
        for kind in self.ablations.kinds:
            check_known("ablations.kinds", kind, "images.kinds", self.images.kinds)
        for samples in self.ablations.samples:
            _check_samples("ablations.samples", samples, self.images.epochs)
        for epochs in self.ablations.epochs:
            if self.images.samples < 2 ** (epochs - 1):
                what = (
                    f"is too many for images.samples, {self.images.samples}, which halve from epoch to epoch"
                )
                raise misfit("ablations.epochs", what, epochs)
        return self
