"""The command line with the toy as the only study."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))

from toy import study as toy_study

from reprise import studies
from reprise.cli import main
from reprise.errors import ParameterError


def load_study(name):
    """The toy, and nothing else."""
    if name != "toy":
        raise ParameterError(f"there is no study {name!r}")
    return toy_study.STUDY


if __name__ == "__main__":
    studies.names, studies.load_study = lambda: ["toy"], load_study
    main()
