"""The ConvNet representation, for a stack of targets at once: two 3 x 3 layers, a k-dimensional map, linear
heads.

The papers' layout, optimiser and widths could not be read. Here: convolution, ReLU, 2 x 2 maximum, twice,
then a linear map to k features; squared loss on labels of -1 and 1; Adam; batches drawn from the samples that
the allocation gives, so tasks weigh by their samples. After training heads are refitted in closed form on the
features, the target's too, which makes the state of an epoch the same as for the linear model with the
features as inputs: every rule of `reprise.multitask.rules` applies as it stands.

A stack is trained as one network of grouped convolutions, a group a target; all begin alike and see the same
random numbers, so strategies differ by their allocations only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reprise.errors import ParameterError
from reprise.multitask.active import Epoch
from reprise.multitask.representation import Representation, fit_heads
from reprise.multitask.sampling import TaskStreams
from reprise.multitask.statistics import TaskStatistics

Weights = dict[str, Any]
"""Tensors with a first axis of models: "first", "first_bias", "second", "second_bias", "map", "heads"."""


@dataclass(frozen=True)
class ConvNetSettings:
    """Widths, steps of an epoch, batch size, learning rate, and the refitted heads' ridge in samples."""

    k: int
    channels: tuple[int, int] = (8, 16)
    steps: int = 150
    batch: int = 128
    rate: float = 5e-3
    ridge: float = 1.0

    def __post_init__(self) -> None:
        if min(self.k, *self.channels, self.steps, self.batch) < 1 or not self.rate > 0:
            raise ParameterError("widths, steps, batch size and rate must be above 0", given=self)


class ConvNetStack:
    """Trains and reads the networks of targets that share their sources.

    `streams` hold the samples, flattened images of `size` x `size`; `sources` are the numbers of the source
    tasks.
    """

    def __init__(
        self,
        streams: TaskStreams,
        sources: Sequence[int],
        size: int,
        settings: ConvNetSettings,
        device: str = "cpu",
    ) -> None:
        import torch

        if size < 4:
            raise ParameterError("two halvings need images of at least 4 x 4", given=size)
        self.settings, self.size, self.device = settings, size, device
        self.sources = np.asarray(sources)
        self.group = streams.group[self.sources]
        self.rows = np.stack([streams.streams[t] for t in sources])
        self.labels = streams.labels[self.sources].astype(np.float32)
        images = streams.inputs.reshape(*streams.inputs.shape[:2], size, size)
        self.images = torch.as_tensor(images, dtype=torch.float32, device=device)

    def initial(self, models: int, seed: int) -> Weights:
        """Weights of as many models, all alike, by Kaiming's rule."""
        import torch

        one, two = self.settings.channels
        generator = torch.Generator().manual_seed(seed)

        def normal(*shape: int, inputs: int) -> Any:
            drawn = torch.randn(shape, generator=generator) * (2 / inputs) ** 0.5
            return drawn.to(self.device).repeat(models, *[1] * (len(shape) - 1))

        flat = two * (self.size // 4) ** 2
        weights = {
            "first": normal(1, one, 1, 3, 3, inputs=9),
            "first_bias": torch.zeros(models, one, device=self.device),
            "second": normal(1, two, one, 3, 3, inputs=9 * one),
            "second_bias": torch.zeros(models, two, device=self.device),
            "map": normal(1, flat, self.settings.k, inputs=2 * flat),
            "heads": normal(1, len(self.sources), self.settings.k, inputs=2 * self.settings.k),
        }
        return weights

    def train(self, weights: Weights, counts: np.ndarray, seed: int) -> Weights:
        """Weights after one epoch's steps on the first counts (models, sources) samples of each stream."""
        import torch

        s = self.settings
        generator = np.random.default_rng(seed)
        trained = {name: w.clone().requires_grad_() for name, w in weights.items()}
        optimiser = torch.optim.Adam(trained.values(), lr=s.rate)
        edges = np.cumsum(counts, axis=1)
        every = torch.arange(len(counts), device=self.device)[:, None]
        for step in range(s.steps):
            # a uniform number picks a sample among all that the model has, its task and its place in the
            # stream
            picked = (generator.random(s.batch) * edges[:, -1:]).astype(np.int64)
            tasks = np.stack(
                [np.searchsorted(e, p, side="right") for e, p in zip(edges, picked, strict=True)]
            )
            places = picked - np.take_along_axis(edges - counts, tasks, axis=1)
            images, labels = self._samples(tasks, places)
            found = (self.features(trained, images) * trained["heads"][every, torch.as_tensor(tasks)]).sum(-1)
            loss = ((found - labels) ** 2).mean(dim=1).sum()
            optimiser.param_groups[0]["lr"] = s.rate * (1 - step / s.steps)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return {name: w.detach() for name, w in trained.items()}

    def features(self, weights: Weights, images: Any) -> Any:
        """Features (models, n, k) of images (models, n, size, size), each model on its own."""
        from torch.nn.functional import conv2d, relu

        models = len(weights["map"])
        x = images.transpose(0, 1)  # models become groups of channels
        for layer in ("first", "second"):
            kernel, bias = weights[layer].flatten(0, 1), weights[f"{layer}_bias"].flatten()
            x = relu(_halve(conv2d(x, kernel, bias, padding=1, groups=models)))
        flat = x.unflatten(1, (models, -1)).flatten(2).transpose(0, 1)
        return flat @ weights["map"]

    def read(
        self,
        weights: Weights,
        counts: np.ndarray,
        nu: np.ndarray,
        images: np.ndarray,
        labels: np.ndarray,
    ) -> Epoch:
        """The state of an epoch in feature space, with heads refitted on all samples; images (targets, n,
        size, size).
        """

        sources, target = (
            self._source_statistics(weights, counts),
            self.target_statistics(weights, images, labels),
        )
        k = self.settings.k
        penalty = self.settings.ridge * np.mean(
            np.trace(sources.gram, axis1=-2, axis2=-1) / (k * np.maximum(sources.count, 1)), axis=-1
        )
        plain = Representation(
            np.tile(np.eye(k), (len(counts), 1, 1)), np.zeros((len(counts), k, 1)), penalty
        )
        fitted = Representation(plain.basis, fit_heads(sources, plain), penalty)
        return Epoch(nu, counts, sources, fitted, fit_heads(target, plain)[..., 0], target)

    def target_statistics(self, weights: Weights, images: np.ndarray, labels: np.ndarray) -> TaskStatistics:
        """Statistics (targets, 1) of the targets' own features, from images (targets, n, size, size)."""
        import torch

        with torch.no_grad():
            own = self.features(weights, torch.as_tensor(images, dtype=torch.float32, device=self.device))
        own = own.double().cpu().numpy()
        turned = np.swapaxes(own, 1, 2)
        count = np.full((len(own), 1), own.shape[1])
        return TaskStatistics((turned @ own)[:, None], (turned @ labels[..., None])[:, None, :, 0], count)

    def scores(self, weights: Weights, epoch: Epoch, images: np.ndarray) -> np.ndarray:
        """The targets' predictions (targets, n) for images (n, size, size) that they share."""
        import torch

        given = torch.as_tensor(images, dtype=torch.float32, device=self.device)
        with torch.no_grad():
            found = self.features(weights, given.expand(len(epoch.head), *given.shape))
        return (found.double().cpu().numpy() @ epoch.head[..., None])[..., 0]

    def _samples(self, tasks: np.ndarray, places: np.ndarray) -> tuple[Any, Any]:
        import torch

        rows = self.rows[tasks, places]
        labels = torch.as_tensor(self.labels[tasks, rows], device=self.device)
        return self.images[
            torch.as_tensor(self.group[tasks]), torch.as_tensor(rows, dtype=torch.long)
        ], labels

    def _source_statistics(self, weights: Weights, counts: np.ndarray, most: int = 512) -> TaskStatistics:
        """Grams of features over all allocated samples; a model's samples are padded to the longest of the
        stack.
        """
        import torch

        models, sources = counts.shape
        k, longest = self.settings.k, int(counts.sum(axis=1).max())
        gram = np.zeros((models, sources, k, k))
        moment = np.zeros((models, sources, k))
        tasks = np.stack([np.resize(np.repeat(np.arange(sources), c), longest) for c in counts])
        places = np.stack([np.resize(np.concatenate([np.arange(n) for n in c]), longest) for c in counts])
        real = np.arange(longest) < counts.sum(axis=1, keepdims=True)
        for start in range(0, longest, most):
            part = np.s_[:, start : start + most]
            images, labels = self._samples(tasks[part], places[part])
            with torch.no_grad():
                x = self.features(weights, images).double().cpu().numpy() * real[part][..., None]
            y = labels.cpu().numpy()
            for model in range(models):
                # samples stand task by task, so a chunk is a few runs of one task
                here = tasks[model, start : start + most]
                first = np.flatnonzero(np.diff(here, prepend=-1))
                outer = x[model][:, :, None] * x[model][:, None, :]
                gram[model, here[first]] += np.add.reduceat(outer, first, axis=0)
                moment[model, here[first]] += np.add.reduceat(x[model] * y[model][:, None], first, axis=0)
        return TaskStatistics(gram, moment, counts)


def _halve(x: Any) -> Any:
    """The largest of every 2 x 2 pixels; without a gradient by slices, faster on a CPU than pooling."""
    import torch

    if x.requires_grad:
        return torch.nn.functional.max_pool2d(x, 2)
    rows, columns = (n // 2 * 2 for n in x.shape[-2:])
    corners = [x[..., i:rows:2, j:columns:2] for i in (0, 1) for j in (0, 1)]
    return torch.maximum(torch.maximum(*corners[:2]), torch.maximum(*corners[2:]))
