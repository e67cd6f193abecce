"""Parameters of the study of Lasso task selection.

What the papers fix and we could not read (budgets, k, epochs, floors, penalty, network, target samples) was
set before any run and not tuned: k is 10 because there are ten classes; the budget doubles from epoch to
epoch; the ablations show what other values do.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from reprise.data.corruptions import KINDS
from reprise.experiment.study import Parameters


class ImageSetSpec(Parameters):
    """An image set: pixels a side, principal components (None: pixels), pool sizes.

    `disjoint` gives every task of a kind a tenth of the images of its own. "mnist-test-C" takes both pools
    from MNIST's 10,000 test images.
    """

    name: Literal["digits-C", "mnist-C", "mnist-test-C", "fashion-C", "mnist-C-released"] = "digits-C"
    size: int = Field(default=8, ge=4, le=28)
    components: int | None = Field(default=None, ge=1)
    train: int = Field(default=1200, ge=100)
    test: int = Field(default=597, ge=50)
    disjoint: bool = False


class NetworkSpec(Parameters):
    """The ConvNet: widths of its two layers, and how an epoch is trained."""

    channels: tuple[int, int] = (8, 16)
    steps: int = Field(default=150, ge=1)
    batch: int = Field(default=128, ge=1)
    rate: float = Field(default=5e-3, gt=0)
    ridge: float = Field(default=1.0, ge=0)


class ImageTasks(Parameters):
    """Experiments on image tasks; `samples` is the mean number a source, `target_samples` the target's."""

    kinds: tuple[str, ...] = tuple(KINDS)
    seeds: int = Field(default=5, ge=1)
    k: int = Field(default=10, ge=1)
    samples: int = Field(default=100, ge=1)
    target_samples: int = Field(default=50, ge=2)
    epochs: int = Field(default=3, ge=2)
    penalty: float = Field(default=0.1, gt=0, le=1)
    ridge: float = Field(default=1.0, ge=0)
    convnet_seeds: int = Field(default=5, ge=0)
    convnet_epochs: int = Field(default=2, ge=2)
    network: NetworkSpec = NetworkSpec()
    batch: int = Field(default=4, ge=1)
    shown: tuple[str, ...] = ("identity/3", "stripe/7", "fog/0")
    gpu: bool = False

    @model_validator(mode="after")
    def _fits(self) -> ImageTasks:
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or len(set(self.kinds)) < len(self.kinds) or len(self.kinds) < 2:
            raise ValueError(
                f"kinds must be two or more of the sixteen, each once; not {unknown or self.kinds}"
            )
        sources = 10 * (len(self.kinds) - 1)
        if self.k > sources:
            raise ValueError(f"k {self.k} is larger than the number of sources, {sources}")
        if self.samples < 2 ** (max(self.epochs, self.convnet_epochs) - 1):
            raise ValueError(
                f"{self.samples} samples a source are fewer than one a source in the first of the epochs, "
                "whose budgets double"
            )
        return self


class Ablations(Parameters):
    """What is varied on the image tasks, one at a time, on some kinds and seeds; empty lists leave it out.

    The kinds are every fourth of the sixteen.
    """

    kinds: tuple[str, ...] = tuple(KINDS)[::4]
    seeds: int = Field(default=2, ge=1)
    k: tuple[int, ...] = (2, 5, 10, 20)
    penalty: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
    epochs: tuple[int, ...] = (2, 3, 4)
    samples: tuple[int, ...] = (20, 50, 100, 200)


class Model(Parameters):
    """The synthetic model: inputs d, dimension k of the representation, number of sources."""

    d: int = Field(default=40, ge=1)
    k: int = Field(default=5, ge=1)
    sources: int = Field(default=100, ge=2)
    sparsity: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _fits(self) -> Model:
        if self.k > min(self.d, self.sources):
            raise ValueError(f"k {self.k} is larger than the inputs {self.d} or the sources {self.sources}")
        return self


class Scaling(Parameters):
    """One axis along which the problem grows: "sources", "sparsity" or "k", its values, and the rest of the
    model.
    """

    axis: Literal["sources", "sparsity", "k"]
    values: tuple[int, ...] = Field(min_length=2)
    family: Literal["random", "spikes", "hardest"]
    model: Model


class Synthetic(Parameters):
    """Experiments on the synthetic model; `floor` is the share of uniform counts that every source gives."""

    seeds: int = Field(default=30, ge=2)
    model: Model = Model()
    families: tuple[Literal["random", "sparse", "rare", "clusters"], ...] = (
        "random",
        "sparse",
        "rare",
        "clusters",
    )
    budgets: tuple[int, ...] = (2000, 6000, 20_000)
    noise: float = Field(default=1.0, gt=0)
    target_samples: int = Field(default=500, ge=1)
    floor: float = Field(default=0.1, ge=0, lt=1)
    epochs: int = Field(default=3, ge=2)
    penalty: float = Field(default=0.1, gt=0, le=1)
    powers: tuple[str, ...] = (
        "least L2, power 1",
        "least L1, power 2",
        "least L1, power 1/2",
        "least L2, power 1/2",
    )
    risk: float = Field(default=0.01, gt=0)
    scaling: dict[str, Scaling] = {
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
    recovery_samples: tuple[int, ...] = (20, 40, 80, 160, 320)
    recovery_penalties: tuple[float, ...] = (0.01, 0.1)
    money: float = Field(default=6000, gt=0)
    price_spread: float = Field(default=1.0, ge=0)
    opening: float = Field(default=40, ge=0)


class LassoParameters(Parameters):
    """Everything that the study can be told; with `skip_missing` an image set that is missing is left out."""

    image_sets: tuple[ImageSetSpec, ...] = (ImageSetSpec(),)
    skip_missing: bool = False
    images: ImageTasks = ImageTasks()
    ablations: Ablations = Ablations()
    synthetic: Synthetic = Synthetic()
