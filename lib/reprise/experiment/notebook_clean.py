"""An executed notebook as it is published: no local path, no times, the same bytes for the same outcome."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from reprise.data.cache import cache_folder


def clean_notebook(notebook: dict[str, Any], root: Path) -> bytes:
    """The notebook's bytes without papermill's records, run times, and paths of this machine."""
    notebook["metadata"] = {
        name: value for name, value in notebook["metadata"].items() if name in ("kernelspec", "language_info")
    }
    notebook["metadata"].get("kernelspec", {}).pop("path", None)
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {
            name: value for name, value in cell["metadata"].items() if name not in ("papermill", "execution")
        }
        if "id" in cell:  # papermill gives the cell that it adds a random one
            cell["id"] = f"cell-{number}"
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
            _clean_output(output, local_paths(root))
    return (json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def local_paths(root: Path) -> list[tuple[str, str]]:
    """Folders of this machine and what stands for them, longest first."""
    folders = {
        str(cache_folder()): "<cache>",
        str(root.absolute()): ".",
        str(root.resolve()): ".",
        sys.prefix: "<environment>",
        sys.base_prefix: "<python>",
        str(Path.home()): "~",
    }
    return sorted(((f, s) for f, s in folders.items() if len(f) > 1), key=lambda pair: -len(pair[0]))


def _clean_output(output: dict[str, Any], paths: list[tuple[str, str]]) -> None:
    for name in ("text", "traceback", "evalue"):
        if name in output:
            output[name] = _clean(output[name], paths)
    for kind, content in output.get("data", {}).items():
        if not kind.startswith("image/") or kind == "image/svg+xml":
            output["data"][kind] = _clean(content, paths)


def _clean(content: Any, paths: list[tuple[str, str]]) -> Any:
    if isinstance(content, list):
        return [_clean(part, paths) for part in content]
    if isinstance(content, dict):
        return {name: _clean(part, paths) for name, part in content.items()}
    if not isinstance(content, str):
        return content
    for folder, standin in paths:
        content = re.sub(re.escape(folder) + r"(?![\w-])", standin, content)
    # kernels name a cell's file after their process: another number on every run
    return re.sub(r"/\S*/ipykernel_\d+/\d+\.py", "<cell>", content)
