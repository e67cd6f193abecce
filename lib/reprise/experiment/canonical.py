"""JSON with one spelling: the same content gives the same bytes on every run."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from reprise.errors import StudyFailed


def canonical_json(content: Any, decimals: int | None = None) -> bytes:
    """Sorted keys, one item a line (a list of numbers on one), a newline at the end.

    Floats are rounded when `decimals` is given.

    Raises `StudyFailed`, naming the place, for NaN, infinity and what is no JSON.

    >>> canonical_json({"b": 0.12345678, "a": -0.0}, decimals=6)
    b'{\\n "a": 0.0,\\n "b": 0.123457\\n}\\n'
    """
    content = _checked(content, decimals, "")
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return (_NUMBERS.sub(_on_one_line, text) + "\n").encode()


# a text in JSON has no line break of its own, so this finds lists and nothing inside a text
_NUMBERS = re.compile(r"\[\n\s+[-+.\de]+(?:,\n\s+[-+.\de]+)*\n\s*\]")


def _on_one_line(found: re.Match[str]) -> str:
    return "[" + ", ".join(found[0][1:-1].replace("\n", "").replace(" ", "").split(",")) + "]"


def _checked(value: Any, decimals: int | None, where: str) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StudyFailed(
                f"the result at {where or 'the top'} is not a finite number",
                given=value,
                remedy="look at the unit that gave it",
            )
        # adding 0.0 turns -0.0 into 0.0, which reads the same and would differ in bytes
        return (round(float(value), decimals) if decimals is not None else float(value)) + 0.0
    if isinstance(value, dict):
        return {_key(k, where): _checked(v, decimals, f"{where}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(v, decimals, f"{where}[{i}]") for i, v in enumerate(value)]
    if type(value).__module__ == "numpy":
        return _checked(value.tolist(), decimals, where)
    if hasattr(value, "model_dump"):
        return _checked(value.model_dump(mode="json"), decimals, where)
    raise StudyFailed(
        f"the result at {where or 'the top'} is a {type(value).__name__}, which JSON cannot hold",
        given=value,
        remedy="write it to a file of the unit's folder, or return plain values",
    )


def _key(key: Any, where: str) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise StudyFailed(f"the result at {where or 'the top'} has a key that is no text", given=key)
