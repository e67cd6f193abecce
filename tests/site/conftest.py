"""The finished project of the tests of reports."""

from ..report.conftest import finished, project

__all__ = ["finished", "project"]
