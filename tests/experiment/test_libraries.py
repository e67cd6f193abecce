"""The numeric libraries behind what is imported, and the list of them."""

import re
from importlib.metadata import PackageNotFoundError, requires

from reprise import studies
from reprise.experiment import libraries
from reprise.experiment.keys import make_recipes
from reprise.experiment.libraries import NUMERIC, libraries_behind
from reprise.experiment.parameters import load_parameters
from reprise.experiment.project import find_root


def test_what_a_library_computes_with_is_what_it_needs_installed():
    """Followed through every distribution, extras left out, as the packages themselves say."""

    def needs(name):
        try:
            lines = [line for line in requires(name) or [] if "extra ==" not in line]
        except PackageNotFoundError:
            return set()
        return {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-").replace(".", "-") for line in lines}

    for library, known in NUMERIC.items():
        found, waiting = set(), [library]
        while waiting:
            new = needs(waiting.pop()) - found
            found |= new
            waiting += new
        assert found & set(NUMERIC) <= set(known), library


def test_only_what_is_imported_counts():
    assert libraries_behind({"faiss", "json"}) == ["faiss-cpu", "numpy"]
    assert libraries_behind({"pathlib"}) == []


def test_a_library_added_to_the_list_changes_no_key(monkeypatch):
    study = studies.load_study("lasso_task_selection")
    units = study.units(load_parameters(study, "smoke", find_root()))
    before = [recipe.key for recipe in make_recipes(units)]
    monkeypatch.setitem(libraries.NUMERIC, "pandas", ("numpy",))
    libraries.library_versions.cache_clear()
    assert "pandas" in libraries.library_versions()
    assert [recipe.key for recipe in make_recipes(units)] == before
    monkeypatch.undo()
    libraries.library_versions.cache_clear()
