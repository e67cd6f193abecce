"""What systems are called: the study's own names for the values of its factors (`NAMES` in its module)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reprise.experiment.results import Results
from reprise.experiment.study import Study


@dataclass(frozen=True)
class Names:
    """Printed names by value; a value without one is printed as it is."""

    names: Mapping[str, str] = field(default_factory=dict)

    def value(self, value: str) -> str:
        """The name of one value.

        >>> Names({"bm25": "BM25"}).value("bm25"), Names().value("bm25")
        ('BM25', 'bm25')
        """
        return self.names.get(value, value)

    def system(self, factors: Mapping[str, str], without: Mapping[str, str] | None = None) -> str:
        """A system's name: the names of its factors' values, without those that are given.

        >>> Names({"bm25": "BM25"}).system({"sparse": "bm25", "stage": "post-prf"})
        'BM25, post-prf'
        """
        left_out = without or {}
        named = [self.value(v) for k, v in factors.items() if v and left_out.get(k) != v]
        return ", ".join(named) or "all"


def names_of(study: Study) -> Names:
    """The names that the study's module gives, none when it gives none."""
    return Names(study.names)


def names_for(results: Results) -> Names:
    """The names of the study that the results are of; none for a study that is not there any more."""
    from reprise import studies
    from reprise.errors import ParameterError

    try:
        return names_of(studies.load_study(results.study))
    except ParameterError:
        return Names()
