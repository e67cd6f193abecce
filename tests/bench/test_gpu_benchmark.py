"""The rates from which GPU-hours are reckoned: every piece runs, here in small and on the CPU."""

import pytest
import torch

from reprise.bench import gpu


@pytest.mark.parametrize(
    "make",
    [
        lambda count, device: gpu.encoding(count, device, layers=1, tokens=8),
        lambda count, device: gpu.text_step(count, device, 1, (4, 8, 8)),
        lambda count, device: gpu.image_step(count, device, side=32),
    ],
)
def test_a_piece_has_a_whole_row(make):
    row = gpu.measure(gpu.Piece("a piece", "texts", 4, 2, make), "cpu", repeats=3)
    assert min(row["ours_s"], row["peer_s"], row["ratio"], *row["spread"]) > 0
    assert row["spread"][0] <= row["ratio"] <= row["spread"][1]
    assert row["note"].startswith("4 at once: ") and row["note"].endswith("texts a second")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_there_is_nothing_to_measure(capsys):
    from reprise.bench import run_benchmarks

    assert gpu.benchmark() == []
    assert run_benchmarks(["gpu"])
    assert "nothing to measure" in capsys.readouterr().out
