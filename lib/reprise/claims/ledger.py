"""The ledger: params/claims/<study>.yaml, one row a claim, checked as it is read.

Beside the rows a ledger says once what all of them share: the paper that they come from (`paper`)
and the factors that restrict every claim unless it says otherwise (`where`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from reprise.claims.claim import Claim
from reprise.claims.files import params_file
from reprise.claims.kinds.audit import Audit
from reprise.claims.kinds.equivalence import Equivalence
from reprise.claims.kinds.majority import Majority, NoOrder
from reprise.claims.kinds.ordering import Direction, Ordering
from reprise.claims.kinds.ratio import Ratio
from reprise.claims.kinds.shape import Shape
from reprise.claims.kinds.significance import Significance
from reprise.claims.kinds.value import Value
from reprise.data.yaml_files import read_yaml
from reprise.errors import ParameterError

Row = Annotated[
    Value | Ordering | Direction | Majority | NoOrder | Significance | Ratio | Shape | Equivalence | Audit,
    Field(discriminator="kind"),
]
_ROW: TypeAdapter[Claim] = TypeAdapter(Row)


def ledger_path(study: str, root: Path | str | None = None) -> Path:
    """The ledger file of a study; `InputError` when it has none."""
    return params_file("claims", study, root)


def load_ledger(path: Path | str) -> list[Claim]:
    """The claims of a ledger file, in its order.

    Raises `ParameterError`, naming the claim and the field, for a row that does not fit the schema or an id
    that stands twice.
    """
    path = Path(path)
    body = read_yaml(path)
    if (
        not isinstance(body, dict)
        or set(body) - {"study", "paper", "where", "claims"}
        or not isinstance(body.get("claims"), list)
        or not all(isinstance(body.get(name, {}), dict) for name in ("paper", "where"))
        or not body["claims"]
    ):
        raise ParameterError(
            f"{path.name} must hold study, paper, where and a list of claims, and nothing else",
            given=list(body) if isinstance(body, dict) else type(body).__name__,
        )
    if body.get("study", path.stem) != path.stem:
        raise ParameterError(f"{path.name} is the ledger of another study", given=body["study"])
    return parse_ledger(body, path.name)


def parse_ledger(body: dict[str, Any], name: str = "the ledger") -> list[Claim]:
    """The claims of a ledger that has been read; see `load_ledger`."""
    claims: list[Claim] = []
    for row in body["claims"]:
        if not isinstance(row, dict) or not isinstance(row.get("where", {}), dict):
            raise ParameterError(f"{name}: a claim maps fields to values, its where factors", given=row)
        try:
            claim = _ROW.validate_python(_complete(row, body))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"][1:]) or "the row"
            raise ParameterError(
                f"{name}: claim {row.get('id', '?')!r}, {field}: {first['msg']}", given=first["input"]
            ) from error
        if any(claim.id == other.id for other in claims):
            raise ParameterError(f"{name}: the id {claim.id!r} stands twice")
        claims.append(claim)
    return claims


def _complete(row: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The row with what the ledger says for all: a source that is only a place, and the common factors."""
    source = row.get("source")
    if isinstance(source, str):
        source = {**body.get("paper", {}), "place": source}
    return {**row, "source": source, "where": {**body.get("where", {}), **row.get("where", {})}}
