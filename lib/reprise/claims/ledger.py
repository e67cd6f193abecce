"""The ledger: params/claims/<study>.yaml, one row a claim, checked as it is read.

Beside the rows a ledger says once what all of them share: the paper that they come from (`paper`), the
factors that restrict every claim unless it says otherwise (`where`), and why numbers of it were not read
(`unread`, for what the paper itself says). Under `gates` stand rows on training or
dev data that claims can require.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from reprise.claims.claim import Claim, Gate, Row
from reprise.claims.files import params_file
from reprise.data.yaml_files import read_yaml
from reprise.errors import ParameterError

AnyRow = TypeVar("AnyRow", bound=Row)
PARTS = {"study", "paper", "where", "unread", "gates", "claims"}


class Ledger(Sequence[Claim]):
    """The claims of a study in their order, and the `gates` that they require by id."""

    def __init__(self, claims: Sequence[Claim], gates: Sequence[Gate] = ()) -> None:
        self.claims, self.gates = tuple(claims), tuple(gates)

    def __getitem__(self, place: Any) -> Any:
        return self.claims[place]

    def __len__(self) -> int:
        return len(self.claims)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and (self.claims, self.gates) == (other.claims, other.gates)

    __hash__ = None  # type: ignore[assignment]


def ledger_path(study: str, root: Path | str | None = None) -> Path:
    """The ledger file of a study; `InputError` when it has none."""
    return params_file("claims", study, root)


def load_ledger(path: Path | str) -> Ledger:
    """The ledger in a file.

    Raises `ParameterError`, naming the claim and the field, for a row that does not fit the schema, an id
    that stands twice or a gate that is not there.
    """
    path = Path(path)
    body = read_yaml(path)
    if (
        not isinstance(body, dict)
        or set(body) - PARTS
        or not all(isinstance(body.get(name, []), list) for name in ("claims", "gates"))
        or not all(isinstance(body.get(name, {}), dict) for name in ("paper", "where"))
        or not body.get("claims")
    ):
        raise ParameterError(
            f"{path.name} holds study, paper, where, unread, gates and a list of claims, and nothing else",
            given=list(body) if isinstance(body, dict) else type(body).__name__,
        )
    if body.get("study", path.stem) != path.stem:
        raise ParameterError(f"{path.name} is the ledger of another study", given=body["study"])
    return parse_ledger(body, path.name)


def parse_ledger(body: dict[str, Any], name: str = "the ledger") -> Ledger:
    """The ledger that has been read as `body`; see `load_ledger`."""
    gates = list(_rows(Gate, body.get("gates", []), body, name))
    claims = list(_rows(Claim, body["claims"], body, name))
    ids = [row.id for row in (*gates, *claims)]
    if twice := {i for i in ids if ids.count(i) > 1}:
        raise ParameterError(f"{name}: the id {min(twice)!r} stands twice")
    for claim in claims:
        if unknown := set(claim.requires) - {gate.id for gate in gates}:
            raise ParameterError(
                f"{name}: claim {claim.id!r} requires what is no gate",
                given=sorted(unknown),
                remedy="name a row under gates, which looks at training or dev data",
            )
    return Ledger(claims, gates)


def _rows(kind: type[AnyRow], rows: list[Any], body: dict[str, Any], name: str) -> Iterator[AnyRow]:
    word = kind.__name__.lower()
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("where", {}), dict):
            raise ParameterError(f"{name}: a {word} maps fields to values, its where factors", given=row)
        try:
            yield kind.model_validate(_complete(row, body, kind))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "the row"
            raise ParameterError(
                f"{name}: {word} {row.get('id', '?')!r}, {field}: {first['msg']}", given=first["input"]
            ) from error


def _complete(row: dict[str, Any], body: dict[str, Any], kind: type[Row]) -> dict[str, Any]:
    """The row with what the ledger says for all: a source that is only a place, and the common factors."""
    completed = {**row, "where": {**body.get("where", {}), **row.get("where", {})}}
    if kind is Claim and isinstance(row.get("source"), str):
        completed["source"] = {**body.get("paper", {}), "place": row["source"]}
    if kind is Claim and row.get("origin", "paper") != "ours":
        completed.setdefault("unread", body.get("unread", ""))
    return completed
