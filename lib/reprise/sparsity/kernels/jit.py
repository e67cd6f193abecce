"""From IR text to an address that can be called: parsed, optimised and compiled once a process.

A kernel is found by its text and the host, so two layers of the same shape share one.
"""

from __future__ import annotations

import threading
from typing import Any

from reprise.sparsity.kernels.host import Host

_LOCK = threading.Lock()
_COMPILED: dict[tuple[str, Host], Any] = {}
"""Text and host -> engine, which owns the code and must outlive its callers."""


def compile_kernel(text: str, name: str, host: Host) -> int:
    """The address of function `name` of an IR module; the same text is compiled once a process.

    >>> from reprise.sparsity.kernels.host import find_host
    >>> compile_kernel("define i32 @two() { ret i32 2 }", "two", find_host()) > 0
    True
    """
    with _LOCK:
        engine = _COMPILED.get((text, host))
        if engine is None:
            engine = _COMPILED[text, host] = _compile(text, host)
        return engine.get_function_address(name)


def assembly(text: str, host: Host) -> str:
    """The machine code of an IR module as text, for looking at."""
    machine, module = _optimised(text, host)
    return machine.emit_assembly(module)


def _compile(text: str, host: Host) -> Any:
    import llvmlite.binding as llvm

    machine, module = _optimised(text, host)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine


def _optimised(text: str, host: Host) -> tuple[Any, Any]:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(cpu=host.cpu, features=host.features, opt=3, jit=True)
    module = llvm.parse_assembly(text)
    module.triple = llvm.get_process_triple()
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = True  # the packing loops are plain; the others are vectors already
    options.slp_vectorization = False
    options.loop_unrolling = False  # rows are short: an unrolled loop would mostly run its remainder
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine, module
