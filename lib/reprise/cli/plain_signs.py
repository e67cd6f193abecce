"""Signs for a terminal that cannot print ours: a plain one for each, and nothing ever ends in a traceback.

Every sign of a verdict has its word beside it, so the plain form need not say everything.
"""

from __future__ import annotations

import codecs
import sys

PLAIN = str.maketrans(
    {
        "✓": "+",
        "◐": "~",
        "✗": "x",
        "☑": "[+]",
        "☒": "[x]",
        "–": "-",
        "—": "-",
        "−": "-",
        "·": "-",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "±": "+-",
        "…": "...",
        "’": "'",
        "“": '"',
        "”": '"',
    }
)


def print_plainly_where_needed() -> None:
    """Let stdout and stderr write what their encoding lacks in its plain form, and the rest as escapes."""
    codecs.register_error("reprise-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="reprise-plain")


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for the characters that cannot be encoded, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    plain = lacking.translate(PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), error.end
