import pytest

from reprise.data.cities import cities_fingerprint, load_cities
from reprise.errors import ParameterError


def test_every_city_is_one_that_its_country_s_name_does_not_give_away():
    cities = load_cities()
    assert len(cities) > 200 and cities == load_cities()
    assert ("Toronto", "Canada") in load_cities(100)
    assert not [c for c in cities if c.name.casefold() in c.country.casefold()]  # Singapore, Panama
    assert not [c for c in cities if "_" in c.name or "/" in c.name]


@pytest.mark.parametrize("most", [1, 3])
def test_no_country_has_more_than_its_share(most):
    countries = [c.country for c in load_cities(most)]
    assert max(map(countries.count, set(countries))) == most
    assert set(countries) == {c.country for c in load_cities(100)}


def test_the_version_is_the_fingerprint_and_no_city_is_no_choice():
    assert list(cities_fingerprint()) == ["tzdata"]
    with pytest.raises(ParameterError, match="at least one city"):
        load_cities(0)
