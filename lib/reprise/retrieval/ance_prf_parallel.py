"""ANCE-PRF trained by several processes at once, on GPUs or CPU cores, through torch's own DDP.

`torch.distributed.run` starts the processes and ends them all when one fails; each works on its share of
every batch, and DDP averages their gradients, which is the gradient of the whole batch. In-batch negatives
are those of a process's own share, as in arXiv 2112.06400. The first process writes checkpoints, and all go
on from them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import StudyFailed
from reprise.retrieval.ance_prf import PrfExample, Share, train_prf
from reprise.retrieval.ance_prf_load import load_prf_encoder
from reprise.retrieval.ance_prf_model import PrfEncoder
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.training import TrainingLog
from reprise.retrieval.training_checkpoint import CHECKPOINT
from reprise.retrieval.training_settings import TrainingSettings

if TYPE_CHECKING:
    import torch

JOB, LOSSES = "job.json", "losses.json"


def train_prf_parallel(
    encoder: PrfEncoder,
    examples: Sequence[PrfExample],
    index_folder: str | Path,
    settings: TrainingSettings,
    *,
    processes: int,
    work_folder: str | Path,
    **options: Any,
) -> TrainingLog:
    """As `train_prf`, in that many processes; `work_folder` keeps what they share and their checkpoints.

    The processes use the GPUs of the machine when `settings.device` is "cuda", else its cores. Raises
    `StudyFailed` with the last lines of what they said when one of them fails.
    """
    work = Path(work_folder)
    encoder.save(work / "start")
    job = {
        "examples": examples,
        "index": str(Path(index_folder).absolute()),
        "settings": asdict(settings),
        "options": options,
    }
    (work / JOB).write_text(json.dumps(job), encoding="utf-8")
    launched = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "torch.distributed.run",
                "--standalone",
                "--nproc_per_node",
                str(processes),
            ),
            *("-m", __name__, str(work)),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
    )
    if launched.returncode:
        raise StudyFailed(
            f"training in {processes} processes failed: {_last_error(launched.stderr)}",
            remedy="train in one process to see the whole error",
        )
    trained = load_prf_encoder(work / "trained")
    encoder.tower.load_state_dict(trained.tower.state_dict())
    return TrainingLog(**json.loads((work / LOSSES).read_text(encoding="utf-8")))


def run_process(work: Path) -> None:
    """What one of the processes does."""
    import torch
    from torch.nn.parallel import DistributedDataParallel

    job: Mapping[str, Any] = json.loads((work / JOB).read_text(encoding="utf-8"))
    settings = TrainingSettings(**job["settings"])
    on_gpu = settings.device.startswith("cuda")
    if on_gpu:  # each process sees its own GPU as the only one, so that all have the same settings
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
        own = int(os.environ["LOCAL_RANK"])
        os.environ["CUDA_VISIBLE_DEVICES"] = visible[own] if visible != [""] else str(own)
    torch.distributed.init_process_group("nccl" if on_gpu else "gloo")
    share = Share(torch.distributed.get_rank(), torch.distributed.get_world_size())
    encoder = load_prf_encoder(work / "start", device=settings.device)
    embed = DistributedDataParallel(
        _as_module(encoder), find_unused_parameters=True
    )  # BERT's pooler is unused
    with tempfile.TemporaryDirectory(prefix="reprise-prf-") as scratch:
        folder, every = work / "checkpoints", settings.checkpoint_every
        if share.rank:  # reads a copy of what the first has written, and writes nothing before the end
            if (folder / CHECKPOINT).exists():
                shutil.copy(folder / CHECKPOINT, scratch)
            folder, every = Path(scratch), settings.steps
        torch.distributed.barrier()
        log = train_prf(
            encoder,
            [PrfExample(q, tuple(p), positive, tuple(n)) for q, p, positive, n in job["examples"]],
            DenseIndex.open(job["index"]),
            replace(settings, checkpoint_every=every),
            **job["options"],
            checkpoint_folder=folder,
            share=share,
            embed=embed,
        )
    if not share.rank:
        encoder.save(work / "trained")
        (work / LOSSES).write_text(json.dumps(asdict(log)), encoding="utf-8")
    torch.distributed.destroy_process_group()


def _as_module(encoder: PrfEncoder) -> torch.nn.Module:
    """The encoder as DDP wants it: a module that is called with a batch."""
    import torch

    class Embedding(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tower = encoder.tower

        def forward(self, queries: Sequence[str], passages: Sequence[Sequence[str]]) -> torch.Tensor:
            return encoder.embed(queries, passages)

    return Embedding()


def _last_error(said: str) -> str:
    lines = [line for line in said.splitlines() if "Error" in line or "StudyFailed" in line]
    return lines[0].strip()[:300] if lines else said[-300:]


if __name__ == "__main__":
    run_process(Path(sys.argv[1]))
