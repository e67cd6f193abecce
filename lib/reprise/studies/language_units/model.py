"""The unit that makes a language model ready, and how every later unit opens it.

The embedded model is converted from its GGUF file once, for all studies. A model of the hub or of a folder is
opened where it lies, through the same two functions.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from reprise.errors import EnvironmentNotReady
from reprise.experiment.precision import Precision
from reprise.experiment.requirement import Requirement
from reprise.experiment.study import Parameters
from reprise.experiment.unit import Unit
from reprise.experiment.values import Name
from reprise.language.model import LanguageModel, open_language_model
from reprise.language.package import INSTALL, LICENCE, PACKAGE, SMOLLM2, has_package, package_version
from reprise.retrieval.checkpoint import check_name

ROLE = "language model"
"""Under which later units ask for it."""


class LanguageModelSpec(Parameters):
    """A language model as a study asks for it: the embedded one, a name on the model hub, or a folder."""

    name: Annotated[Name, AfterValidator(lambda name: check_name(name, (SMOLLM2,)))] = SMOLLM2
    precision: Precision = "auto"


def model_unit(spec: LanguageModelSpec) -> Unit:
    """The unit that prepares the model; the same for every study that asks for the same one."""
    fingerprint = {PACKAGE: package_version()} if spec.name == SMOLLM2 else {spec.name: _revision(spec.name)}
    return Unit(
        f"language-model/{spec.name}", prepare_model, {"name": spec.name}, inputs=fingerprint, memory_gb=2.0
    )


def model_requirements(spec: LanguageModelSpec) -> list[Requirement]:
    """What the model needs from outside the project."""
    if spec.name != SMOLLM2:
        from reprise.studies.retrieval_units.requirements import checkpoint_requirement

        return [checkpoint_requirement(spec.name)]
    return [Requirement("package", PACKAGE, has_package, INSTALL, size=98_362_432, licence=LICENCE)]


def prepare_model(context: Any, *, name: str) -> dict[str, Any]:
    """Convert the embedded model, or look where another one lies; gives {"name", "facts"}."""
    from reprise.language.convert import convert_gguf
    from reprise.language.package import check_gguf, find_gguf

    if name != SMOLLM2:
        return {"name": name, "facts": {}}
    file = find_gguf()
    sha256 = check_gguf(file)
    return {"name": name, "facts": {**convert_gguf(file, context.folder), "sha256": sha256}}


def open_model(context: Any, precision: str) -> LanguageModel:
    """The model that this unit needs, in this precision, on the unit's device."""
    name = context.value(ROLE)["name"]
    source = context.folder_of(ROLE) if name == SMOLLM2 else name
    return open_language_model(source, precision=precision, device=context.device)


def embedded_folder() -> Path:
    """Where the embedded model lies converted, in the cache that all studies share; converted now when it is
    not.

    For what is no unit itself: a benchmark, a test, somebody's own script. Raises as `find_gguf` and
    `convert_gguf`.
    """
    from reprise.data.cache import cache_folder
    from reprise.experiment.keys import make_recipes
    from reprise.experiment.store import Store
    from reprise.experiment.work import do_unit

    (recipe,) = make_recipes([model_unit(LanguageModelSpec())])
    outcome = do_unit(recipe, cache_folder())
    if outcome.state == "failed":
        raise EnvironmentNotReady(outcome.message)
    return Store(cache_folder()).units / recipe.key


def _revision(name: str) -> str:
    """What tells one content from another: the commit of a model of the hub, of a folder a hash of its files'
    names, sizes and first 64 KiB; "missing" where there is neither."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(p for p in folder.iterdir() if p.is_file()):
            with file.open("rb") as content:
                digest.update(f"{file.name} {file.stat().st_size} ".encode() + content.read(65536))
        return digest.hexdigest()[:32]
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent.name if isinstance(found, str) else "missing"
