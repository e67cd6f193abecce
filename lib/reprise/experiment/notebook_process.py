"""The process in which papermill runs: `python -m reprise.experiment.notebook_process ORDER.json BAR`.

It ends with its parent. BAR is the number of an open file that the progress bar is written to, or "None".
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from reprise.experiment.children import end_family


def main() -> int:
    """Execute the notebook that the order names; the error, if any, is left in outcome.json beside it."""
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    file = Path(sys.argv[1])
    order = json.loads(file.read_text())
    bar = os.fdopen(int(sys.argv[2]), "w") if sys.argv[2] != "None" else None
    try:
        _execute(order, bar)
    except Exception as error:
        file.with_name("outcome.json").write_text(json.dumps({"error": _sentence(error)}))
        return 1
    return 0


def _execute(order: dict[str, Any], bar: Any, tries: int = 2) -> None:
    import papermill
    from zmq.error import ZMQError

    try:
        papermill.execute_notebook(
            order["source"],
            order["target"],
            parameters=order["parameters"],
            kernel_name="python3",
            execution_timeout=order["timeout"],
            start_timeout=120,
            cwd=order["folder"],
            progress_bar={"file": bar, "desc": order["label"]} if bar else False,
        )
    except ZMQError:
        if tries <= 1:  # two kernels that start at once can ask for the same port
            raise
        time.sleep(random.Random(os.getpid()).random())
        _execute(order, bar, tries - 1)


def _sentence(error: Exception) -> str:
    """What went wrong, in one line."""
    if type(error).__name__ == "PapermillExecutionError":
        return f"cell In [{error.exec_count}] raised {error.ename}: {_one_line(error.evalue)}"
    if type(error).__name__ == "CellTimeoutError":
        return "a cell took longer than `cell_timeout` allows"
    if type(error).__name__ == "DeadKernelError":
        return "its kernel died (out of memory, or killed)"
    return f"{type(error).__name__}: {_one_line(error)}"


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:300]


def _end_with(parent: int) -> None:
    """When the parent was killed there is nobody left to read the notebook: end, and the kernel too."""
    while os.getppid() == parent:
        time.sleep(0.5)
    end_family(os.getpid())
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
