"""Training a sparse network on ImageNet: a unit a network, which goes on after a kill from its last epoch."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi
from typing import Any

import numpy as np

from reprise.data.imagenet import list_images, read_image
from reprise.experiment.context import Context
from reprise.sparsity.models import IMAGE, make_model
from reprise.sparsity.pruning import GradualPruning
from reprise.studies.sparse_units.networks import paper_blocks
from reprise.studies.sparse_units.timing import share


def train_imagenet(
    context: Context,
    network: str,
    width: float,
    sparsity: float,
    block: str,
    epochs: int,
    batch: int,
    rate: float,
    decay: float,
    smoothing: float,
    workers: int,
    side: int = 0,
) -> dict[str, Any]:
    """Top-1 (%) on the validation images after gradual pruning.

    SGD with momentum, one epoch of warm-up, then a cosine rate. The ramp goes from 20 % to 70 % of the steps,
    as for the small networks. A checkpoint is written each epoch.
    """
    import torch
    from torch.nn import functional

    side = side or IMAGE.get(network, 224)
    files, labels, classes = list_images("train")
    torch.manual_seed(context.seed % 2**31)
    device = torch.device(context.device)
    model = make_model(network, width, classes).to(device, memory_format=torch.channels_last).train()
    each = max(len(files) // batch, 1)
    steps = each * epochs
    blocks = paper_blocks(network, model) if block == "paper" else int(block[0])
    begin, end = steps // 5, max(steps * 7 // 10, steps // 5 + 1)
    pruning = None
    if sparsity > 0:
        every = max((end - begin) // 100, 1)
        pruning = GradualPruning(model, sparsity, begin=begin, end=end, every=every, block=blocks)
    optimiser = torch.optim.SGD(model.parameters(), rate, momentum=0.9, weight_decay=decay, nesterov=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / each, 0.5 * (1 + cos(pi * min(s / steps, 1))))
    )
    checkpoint, start = context.checkpoints / "epoch.pt", 0
    if checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        start = saved["epoch"]
        if pruning is not None:
            pruning.resume(start * each)
    for epoch in context.progress(range(start, epochs), label="epochs"):
        order = np.random.default_rng([context.seed, epoch]).permutation(len(files))[: each * batch]
        seed = (context.seed, epoch)
        torch.manual_seed((context.seed + epoch) % 2**31)  # dropout is the same whether or not it was killed
        for x, y in _batches([files[i] for i in order], labels[order], batch, side, workers, seed):
            x = x.to(device, memory_format=torch.channels_last, non_blocking=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                loss = functional.cross_entropy(model(x), y.to(device), label_smoothing=smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            if pruning is not None:
                pruning.step()
        state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "epoch": epoch + 1}
        torch.save({**state, "schedule": schedule.state_dict()}, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)  # a kill leaves the old one or the new one
    if pruning is not None:
        pruning.finish()
    torch.save(model.state_dict(), context.folder / "weights.pt")
    factors = {"network": network, "width": f"{width:g}", "sparsity": share(sparsity)}
    factors |= {"block": block} if sparsity > 0 else {}
    accuracy, count = _accuracy(model.eval(), batch, side, workers, device)
    cell = {
        "dataset": "imagenet",
        "measure": "top-1",
        "factors": factors,
        "value": accuracy,
        "n": count,
        "samples": {},
    }
    return {"cells": [cell]}


def _accuracy(model: Any, batch: int, side: int, workers: int, device: Any) -> tuple[float, int]:
    """Percent of validation images whose first class is right, and how many there are."""
    import torch

    files, labels, _ = list_images("val")
    right = 0
    with torch.inference_mode():
        for x, y in _batches(files, labels, batch, side, workers, None):
            right += int((model(x.to(device)).argmax(1).cpu() == y).sum())
    return 100 * right / len(files), len(files)


def _batches(
    files: list[Any], labels: np.ndarray, batch: int, side: int, workers: int, seed: tuple[int, int] | None
) -> Iterator[tuple[Any, Any]]:
    """Images and labels in the given order; image i of an epoch is cut by a generator of its own."""
    import torch
    from torch.utils.data import DataLoader, Dataset

    class Cut(Dataset):
        def __len__(self) -> int:
            return len(files)

        def __getitem__(self, i: int) -> tuple[Any, int]:
            generator = None if seed is None else np.random.default_rng([*seed, i])
            return torch.from_numpy(read_image(files[i], side, generator)), int(labels[i])

    # forked, not spawned: the dataset is a local class
    context = "fork" if workers else None
    return iter(DataLoader(Cut(), batch, num_workers=workers, multiprocessing_context=context))
