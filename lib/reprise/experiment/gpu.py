"""How many GPUs there are, found without loading torch."""

from __future__ import annotations

import os
from pathlib import Path


def gpu_count() -> int:
    """NVIDIA GPUs that this process may use: CUDA_VISIBLE_DEVICES, else what the driver lists."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    listed = sum(1 for _ in Path("/proc/driver/nvidia/gpus").glob("*"))
    if visible is None or not listed:
        return listed
    return min(listed, sum(1 for device in visible.split(",") if device.strip() not in ("", "-1")))
