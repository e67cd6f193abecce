"""Something from outside that a study needs on a profile: a collection, an index, a checkpoint.

A study lists them (`Study.requirements`); `reprise doctor` says which are there, `reprise fetch` gets the
others, and a run refuses to start without them, so that no run downloads anything by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reprise.errors import EnvironmentNotReady


@dataclass(frozen=True)
class Requirement:
    """One thing: `kind` ("collection", "index", "checkpoint", "file") and `name` as the field calls it.

    `present` looks without loading or fetching; `fetch` gets it, None when it must be got by hand as `how`
    says. `size` is in bytes, None when unknown, and `checksum` ("md5 ..." or "sha256 ...") what its publisher
    gives for the file that is fetched. Without an `optional` one the study runs and leaves it out. `odd`
    reads what is there and says what is odd about it; None where there is nothing to be read.
    """

    kind: str
    name: str
    present: Callable[[], bool]
    how: str
    fetch: Callable[[], object] | None = None
    size: int | None = None
    licence: str = ""
    optional: bool = False
    checksum: str = ""
    odd: Callable[[], list[str]] | None = None

    @property
    def terms(self) -> list[str]:
        """Licence and checksum, as far as they are known."""
        return [word for word in (self.licence, self.checksum) if word]


def download_size(requirements: Iterable[Requirement]) -> int:
    """Bytes to fetch for all of them: what is named twice, or comes out of one archive, counts once.

    >>> one = Requirement("collection", "a", bool, "", size=5, checksum="md5 1")
    >>> download_size([one, one, Requirement("collection", "b", bool, "", size=5, checksum="md5 1")])
    5
    """
    return sum({r.checksum or (r.kind, r.name): r.size or 0 for r in requirements}.values())


def size_text(size: int) -> str:
    """Bytes as a reader likes them.

    >>> size_text(25_102_344_926), size_text(2_816_079), size_text(5_148)
    ('25.10 GB', '2.8 MB', '0.1 MB')
    """
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{max(size / 1e6, 0.1):.1f} MB"


def require(requirements: list[Requirement], study: str, profile: str) -> None:
    """Raise `EnvironmentNotReady`, naming all that is missing, unless all that is not optional is there."""
    missing = [r for r in requirements if not r.optional and not r.present()]
    if missing:
        names = ", ".join(f"{r.kind} {r.name}" for r in missing)
        by_hand = [r.how for r in missing if not r.fetch]
        look = f"see `reprise doctor --profile {profile}`, then `reprise fetch --profile {profile}`"
        raise EnvironmentNotReady(
            f"{study} needs on the profile {profile!r} what is not here: {names}",
            remedy=by_hand[0] if len(by_hand) == len(missing) == 1 else look,
        )
