"""Small MobileNets trained here, dense and pruned, one unit a network and seed; and their latency."""

from __future__ import annotations

from typing import Any

import numpy as np

from reprise.experiment.context import Context
from reprise.sparsity.layers import count_cost
from reprise.sparsity.models import small_mobilenet
from reprise.sparsity.network import compile_sparse
from reprise.sparsity.pruning import GradualPruning, magnitude_mask, prunable_layers, random_mask
from reprise.studies.sparse_units.timing import cell, interleave, threads_of_torch

_DEEP = ((2, 1), (4, 2), (8, 1), (8, 1))
TASKS: dict[str, dict[str, Any]] = {
    "parts": {"channels": 1, "classes": 28, "side": 24, "stride": 2, "pairs": _DEEP},
    "digits": {"channels": 1, "classes": 10, "side": 8, "stride": 1, "pairs": ((2, 1), (4, 2), (4, 1))},
    "fashion": {"channels": 1, "classes": 10, "side": 28, "stride": 2, "pairs": _DEEP},
    "cifar": {"channels": 3, "classes": 10, "side": 32, "stride": 2, "pairs": _DEEP},
}
"""Each task's images, and the network for them: in all but "digits" 1x1 layers are most of the work."""

MOST = {"digits": 797}
"""Images that a task has for testing, where there are only so many."""

Images = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Training images (n, channels, side, side), labels (n,), test images, test labels."""

_UPDATES = 30
"""Updates of the masks along the ramp, which goes from 20 % to 70 % of the steps."""
_POOL = 20_000


def train_small(
    context: Context,
    task: str,
    width: int,
    sparsity: float,
    block: int,
    method: str,
    steps: int,
    batch: int,
    rate: float,
    smoothing: float,
    test: int,
) -> dict[str, Any]:
    """Train one network; its accuracy (%), multiply-adds and nonzeros; its weights stay in the unit's folder.

    `method`: "dense", "gradual", "one-shot" (all at the ramp's middle) or "random" (a drawn pattern, from the
    start of the ramp). AdamW, one cycle, label smoothing.
    """
    images = embedded_images(task, np.random.default_rng([context.seed, 0]), test, steps * batch)
    return fit(context, images, task, width, sparsity, block, method, steps, batch, rate, smoothing)


def fit(
    context: Context,
    images: Images,
    task: str,
    width: int,
    sparsity: float,
    block: int,
    method: str,
    steps: int,
    batch: int,
    rate: float,
    smoothing: float,
) -> dict[str, Any]:
    """Train a network on images that are there; arguments and outcome as in `train_small`."""
    import torch
    from torch.nn import functional

    train_images, train_labels, test_images, test_labels = images
    generator = np.random.default_rng([context.seed, 1])
    torch.manual_seed(context.seed % 2**31)
    model = make_small(task, width).to(memory_format=torch.channels_last).train()
    pruning = _pruning(model, sparsity, block, method, steps, context.seed)
    optimiser = torch.optim.AdamW(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for _ in context.progress(range(steps), label=f"{task} {method} {width}"):
        chosen = generator.integers(0, len(train_images), batch)
        x, y = torch.from_numpy(train_images[chosen]), torch.from_numpy(train_labels[chosen])
        loss = functional.cross_entropy(
            model(x.to(memory_format=torch.channels_last)), y, label_smoothing=smoothing
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if pruning is not None:
            pruning.step()
    if pruning is not None:
        pruning.finish()
    model.eval()
    with torch.inference_mode():
        found = [model(torch.from_numpy(part)).argmax(1).numpy() for part in _parts(test_images)]
    torch.save(model.state_dict(), context.folder / "weights.pt")
    cost = count_cost(model, TASKS[task]["side"])
    return {
        "accuracy": 100 * float(np.mean(np.concatenate(found) == test_labels)),
        "macs": cost.total,
        "macs_1x1": cost.macs["pointwise"],
        "nonzeros": cost.parameters,
    }


def time_small(
    context: Context, task: str, networks: list[dict[str, Any]], repeats: int, seconds: float
) -> dict[str, Any]:
    """Milliseconds of the trained networks (the first seed's) on one image, all by the executor, in turn.

    `networks` are {"role", "width", "factors"}: the role under which the unit has the network's weights.
    """
    import torch

    side, channels = TASKS[task]["side"], TASKS[task]["channels"]
    image = np.random.default_rng(context.seed).normal(size=(1, channels, side, side)).astype(np.float32)
    calls, factors = {}, {}
    with threads_of_torch(1):
        for entry in networks:
            model = make_small(task, entry["width"])
            weights = torch.load(context.folder_of(entry["role"]) / "weights.pt", weights_only=True)
            model.load_state_dict(weights)
            runner = compile_sparse(model.eval())
            program = runner.prepare(image)
            calls[entry["role"]] = lambda r=runner, p=program: r.run_prepared(p)
            factors[entry["role"]] = entry["factors"]
        taken = interleave(calls, repeats, seconds)
    cells = [cell(task, "milliseconds", factors[role], t) for role, t in taken.times.items()]
    return {"cells": cells, "timing": taken.about()}


def make_small(task: str, width: int) -> Any:
    """The untrained network of a task at a width."""
    about = TASKS[task]
    return small_mobilenet(about["channels"], width, about["pairs"], about["classes"], about["stride"])


def _pruning(
    model: Any, sparsity: float, block: int, method: str, steps: int, seed: int
) -> GradualPruning | None:
    import torch

    if method == "dense":
        return None
    begin, end = steps // 5, max(steps * 7 // 10, steps // 5 + 1)
    every = max((end - begin) // _UPDATES, 1)
    if method == "gradual":
        return GradualPruning(model, sparsity, begin=begin, end=end, every=every, block=block)
    if method == "one-shot":
        middle = (begin + end) // 2
        return GradualPruning(model, sparsity, begin=middle, end=middle + 1, block=block)
    masks = iter(
        [
            random_mask(layer.weight, sparsity, torch.Generator().manual_seed((seed + i) % 2**31), block)
            for i, layer in enumerate(prunable_layers(model).values())
        ]
    )

    def score(weight: Any, target: float, block_: int) -> Any:
        # at the ramp's end only: a drawn pattern has no order in which its weights would go
        return next(masks) if target == sparsity else magnitude_mask(weight, 0.0, block_)

    return GradualPruning(model, sparsity, begin=begin, end=begin + 1, block=block, score=score)


def embedded_images(task: str, generator: np.random.Generator, test: int, asked: int) -> Images:
    """The images of a task that needs no file; the same test images for every generator."""
    if task == "parts":
        from reprise.data.synthetic_images import parts_images

        pool = parts_images(min(_POOL, asked), generator)
        return (*pool, *parts_images(test, np.random.default_rng(1)))
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = (digits.images[:, None] / 16).astype(np.float32), digits.target.astype(np.int64)
    order = np.random.default_rng(0).permutation(len(images))
    first, last = order[:1000], order[1000:][:test]
    return images[first], labels[first], images[last], labels[last]


def _parts(images: np.ndarray, size: int = 500) -> list[np.ndarray]:
    return [images[at : at + size] for at in range(0, len(images), size)]
