"""What "auto" comes to on processors of each kind; keys, manifests, `status` and `doctor` follow it."""

import pytest
from pydantic import ValidationError

from reprise.experiment import doctor, precision
from reprise.experiment.keys import make_recipes
from reprise.experiment.notebook import presentation_key
from reprise.experiment.parameters import load_parameters
from reprise.experiment.precision import Precision, assume, bfloat16_unit, native_precision
from reprise.experiment.project import find_root
from reprise.experiment.publish import publish, read_manifest
from reprise.experiment.run import run_study
from reprise.experiment.status import study_status
from reprise.experiment.study import Parameters
from reprise.experiment.unit import Unit
from reprise.studies import load_study

ZEN3 = "fpu sse4_2 fma avx2"
SKYLAKE = f"{ZEN3} avx512f avx512bw avx512_vnni"


@pytest.fixture
def processor(monkeypatch):
    """A function that makes this a processor with these flags; nothing caps oneDNN."""
    for name in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"):
        monkeypatch.delenv(name, raising=False)
    return lambda flags: monkeypatch.setattr(precision, "_processor_flags", lambda: frozenset(flags.split()))


@pytest.mark.parametrize(
    ("flags", "unit", "found"),
    [
        (ZEN3, "", "float32"),
        (SKYLAKE, "", "float32"),
        (f"{SKYLAKE} avx512_bf16", "AVX-512 BF16", "bfloat16"),
        (f"{SKYLAKE} amx_bf16 amx_tile", "AMX", "bfloat16"),
        ("fp asimd sve", "", "float32"),
        ("fp asimd sve bf16", "ARM BF16", "bfloat16"),
        ("", "", "float32"),
    ],
    ids=["zen3", "skylake", "zen4", "sapphire", "graviton2", "graviton3", "unknown"],
)
def test_bfloat16_only_where_the_processor_has_it(processor, flags, unit, found):
    processor(flags)
    assert (bfloat16_unit(), native_precision()) == (unit, found)


@pytest.mark.parametrize(
    ("cap", "found"),
    [("AVX2", "float32"), ("avx512_core", "float32"), ("AVX512_CORE_BF16", "bfloat16"), ("ALL", "bfloat16")],
)
def test_pytorch_kept_from_the_instructions_counts_as_without(processor, monkeypatch, cap, found):
    processor(f"{SKYLAKE} avx512_bf16")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", cap)
    assert native_precision() == found


class Encoded(Parameters):
    """A study's parameters, as far as they go here."""

    precision: Precision = "auto"


@pytest.mark.parametrize("flags", [ZEN3, f"{SKYLAKE} avx512_bf16"])
def test_what_the_parameters_say_is_done_whatever_the_processor(processor, flags):
    processor(flags)
    assert [Encoded(precision=p).precision for p in ("float32", "bfloat16")] == ["float32", "bfloat16"]
    with pytest.raises(ValidationError, match="'auto', 'float32' or 'bfloat16'"):
        Encoded(precision="float16")


def in_precision(context, precision):
    """A unit."""


def test_the_key_is_that_of_what_auto_came_to():
    def key(given):
        (recipe,) = make_recipes([Unit("encode", in_precision, Encoded(precision=given).model_dump())], {})
        return recipe.key

    with assume("float32"):
        assert key("auto") == key("float32") != key("bfloat16")
    with assume("bfloat16"):
        assert key("auto") == key("bfloat16") != key("float32")


@pytest.mark.parametrize("study", ["prf_interpolation", "ance_prf", "learning_to_hash", "scaling"])
@pytest.mark.parametrize("found", ["float32", "bfloat16"])
def test_no_unit_of_the_default_profile_is_in_another_precision(study, found):
    other = {"float32": "bfloat16", "bfloat16": "float32"}[found]
    with assume(found):
        loaded = load_study(study)
        units = loaded.units(load_parameters(loaded, "default", find_root()))
    said = [value for unit in units for value in doctor._values(unit.parameters)]
    assert found in said and other not in said


def test_results_of_another_processor_are_not_stale_and_are_made_here_too(toy):
    (toy.root / "notebooks" / "toy.ipynb").unlink()

    def run():
        given = load_parameters(toy.study, "default", toy.root)
        run_study(toy.study, given, profile="default", root=toy.root, jobs=1, progress=False)
        publish(toy.results(), "report", presentation_key(toy.study, toy.results(), toy.root), {})
        return toy.ran()

    def state():
        now = study_status(toy.study, "default", toy.root)
        return now.state, now.reason

    with assume("bfloat16"):
        assert len(run()) == 6 and state() == ("fresh", "")
        manifest = read_manifest(toy.results())
    assert manifest["platform"]["hardware"]["cpu"]["precision"] == "bfloat16"
    assert manifest["method"]["parameters"]["precision"] == "bfloat16"
    with assume("float32"):
        assert state() == (
            "elsewhere",
            "5 of 6 units are in this cache; the results are those kept with the project, in bfloat16, and "
            "here they would be computed in float32",
        )
        toy.edit("params/default/toy.yaml", "{}", "weight: 0.25")
        assert state() == ("stale", "parameters: weight")  # that alone, not the precision
        assert run() == ["total"] and state() == ("fresh", "")


def test_the_doctor_says_which_it_is_and_what_is_asked_for_in_vain(processor):
    asked = [Unit("encode", in_precision, {"loop": {"precision": "bfloat16"}})]
    processor(f"{SKYLAKE} avx512_bf16")
    assert doctor._precision(asked).found == "bfloat16 (AVX-512 BF16)"
    processor(ZEN3)
    native, vain = doctor._precision([]), doctor._precision(asked)
    assert (native.state, vain.state) == ("ok", "note")
    assert native.found.startswith("float32") and "several times as long" in vain.found
