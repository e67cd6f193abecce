"""Cities and their countries, from the tables of the time-zone database (package tzdata, public domain).

`zone.tab` names a city for every zone and country, `iso3166.tab` the countries. Left out are zones whose name
gives the country away, and of countries with many zones all but a few, so that no large country carries a
result.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import NamedTuple

from reprise.data.versions import installed_version
from reprise.errors import ParameterError


class City(NamedTuple):
    """A city as the database spells it, and its country's short English name."""

    name: str
    country: str


def load_cities(most: int = 3) -> list[City]:
    """At most `most` cities of each country, by name of the country; which ones is settled by a hash of their
    names.

    >>> cities = load_cities(1)
    >>> len({c.country for c in cities}) == len(cities) and City("Cairo", "Egypt") in cities
    True
    """
    if most < 1:
        raise ParameterError("at least one city of a country is kept", given=most)
    countries = dict(row[:2] for row in _rows("iso3166.tab"))
    found: dict[str, list[City]] = {}
    for code, _, zone, *_ in _rows("zone.tab"):
        name, country = zone.rpartition("/")[2].replace("_", " "), countries[code]
        if name.casefold() not in country.casefold() and country.casefold() not in name.casefold():
            found.setdefault(country, []).append(City(name, country))
    return [
        city
        for country in sorted(found)
        for city in sorted(sorted(found[country], key=lambda c: _digest(c.name))[:most])
    ]


def cities_fingerprint() -> dict[str, str]:
    """The version of the tables."""
    return {"tzdata": installed_version("tzdata")}


def _rows(table: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
