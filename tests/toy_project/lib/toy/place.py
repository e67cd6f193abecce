"""Where the toy stands: what asks for its own file counts whole, so it has one of its own."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
