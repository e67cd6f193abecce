"""LLVM IR written as text, a function at a time.

Loop variables live in stack slots (`alloca`); LLVM's mem2reg turns them into registers, so that kernels
read like the loops they are and no phi node has to be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Writer:
    """One function `void name(ptr args, i64 a, i64 b, i64 thread)` in the making; values are named "%v7"."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._slots: list[str] = []
        self._lines: list[str] = []
        self._count = 0
        self._declared: set[str] = set()

    def value(self, text: str) -> str:
        """A new value defined by the instruction."""
        self._count += 1
        name = f"%v{self._count}"
        self._lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """An instruction without a value."""
        self._lines.append(f"  {text}")

    def call(self, type_: str, function: str, *arguments: str) -> str:
        """A call of an intrinsic, declared at its first use; arguments are written with their types."""
        kinds = ", ".join(
            a.rpartition(" ")[0] if not a.startswith("<") else a[: a.index(">") + 1] for a in arguments
        )
        self._declared.add(f"declare {type_} @{function}({kinds})")
        text = f"call {type_} @{function}({', '.join(arguments)})"
        if type_ == "void":
            self.do(text)
            return ""
        return self.value(text)

    # integers and addresses -----------------------------------------------------------------------------

    def add(self, a: str, b: str | int) -> str:
        return self.value(f"add i64 {a}, {b}")

    def mul(self, a: str, b: str | int) -> str:
        return self.value(f"mul i64 {a}, {b}")

    def at(self, pointer: str, offset: str | int) -> str:
        """The address `offset` bytes further on."""
        return pointer if offset == 0 else self.value(f"getelementptr i8, ptr {pointer}, i64 {offset}")

    def load(self, type_: str, pointer: str, align: int = 4) -> str:
        return self.value(f"load {type_}, ptr {pointer}, align {align}")

    def store(self, type_: str, value: str, pointer: str, align: int = 4) -> None:
        self.do(f"store {type_} {value}, ptr {pointer}, align {align}")

    def field(self, index: int, type_: str = "i64") -> str:
        """Field `index` (8 bytes each) of the kernel's arguments."""
        return self.load(type_, self.at("%args", 8 * index), align=8)

    # control --------------------------------------------------------------------------------------------

    def slot(self, type_: str, start: str) -> str:
        """A stack slot that holds `start`."""
        self._count += 1
        name = f"%s{self._count}"
        self._slots.append(f"  {name} = alloca {type_}")
        self.do(f"store {type_} {start}, ptr {name}")
        return name

    def label(self) -> str:
        self._count += 1
        return f"L{self._count}"

    def open(self, label: str) -> None:
        self._lines.append(f"{label}:")

    def jump(self, label: str) -> None:
        self.do(f"br label %{label}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")

    @contextmanager
    def loop(self, count: str | int, step: int = 1, start: str | int = 0) -> Iterator[str]:
        """Run the body for i = start, start + step, ... below `count`; yields i."""
        i = self.slot("i64", str(start))
        head, body, end = self.label(), self.label(), self.label()
        self.jump(head)
        self.open(head)
        now = self.value(f"load i64, ptr {i}")
        self.branch(self.value(f"icmp slt i64 {now}, {count}"), body, end)
        self.open(body)
        yield now
        self.do(f"store i64 {self.add(now, step)}, ptr {i}")
        self.jump(head)
        self.open(end)

    def finish(self) -> str:
        """The module's text."""
        head = f"define void @{self.name}(ptr noalias %args, i64 %a, i64 %b, i64 %thread) #0 {{\nentry:"
        attributes = 'attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }'
        body = [head, *self._slots, *self._lines, "  ret void", "}"]
        return "\n".join([*sorted(self._declared), *body, attributes])


def vector(lanes: int) -> str:
    """The type of so many floats; one is a plain float."""
    return "float" if lanes == 1 else f"<{lanes} x float>"


def splat(w: Writer, scalar: str, lanes: int) -> str:
    """A vector with the scalar in every lane."""
    if lanes == 1:
        return scalar
    one = w.value(f"insertelement <{lanes} x float> poison, float {scalar}, i64 0")
    return w.value(
        f"shufflevector <{lanes} x float> {one}, <{lanes} x float> poison, <{lanes} x i32> zeroinitializer"
    )


def constant(value: float, lanes: int) -> str:
    """A vector constant, exact: LLVM wants a float's bits as those of the double of the same value."""
    import struct

    import numpy as np

    bits = struct.unpack("<Q", struct.pack("<d", float(np.float32(value))))[0]
    one = f"0x{bits:016X}"
    return one if lanes == 1 else "<" + ", ".join([f"float {one}"] * lanes) + ">"


def multiply_add(w: Writer, a: str, b: str, c: str, lanes: int) -> str:
    """a * b + c, fused where the machine can."""
    type_ = vector(lanes)
    name = "llvm.fmuladd.f32" if lanes == 1 else f"llvm.fmuladd.v{lanes}f32"
    return w.call(type_, name, f"{type_} {a}", f"{type_} {b}", f"{type_} {c}")
