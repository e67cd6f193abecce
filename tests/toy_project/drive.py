"""The command line with the toy as the only study."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))

from toy import study as toy_study  # noqa: E402

from reprise import studies  # noqa: E402
from reprise.cli import main  # noqa: E402
from reprise.errors import ParameterError  # noqa: E402


def load_study(name):
    """The toy, and nothing else."""
    if name != "toy":
        raise ParameterError(f"there is no study {name!r}")
    return toy_study.STUDY


if __name__ == "__main__":
    studies.names, studies.load_study = lambda: ["toy"], load_study
    main()
