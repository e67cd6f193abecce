"""What is done to a vector of outputs before it is stored, so that no layer reads its output again.

"none"; "clamp" between two bounds (ReLU: 0 and infinity, ReLU6: 0 and 6); "silu" x * sigmoid(x)
(EfficientNet's swish); "sigmoid". A NaN stays NaN, as in torch: comparisons that are false keep the value.
The exponential is Cephes' (relative error about 1e-7): 2^n times a polynomial of degree 6 on
[-ln 2 / 2, ln 2 / 2].
"""

from __future__ import annotations

from reprise.sparsity.kernels.writer import Writer, constant, multiply_add, splat, vector

EPILOGUES = ("none", "clamp", "silu", "sigmoid")

_LOG2E, _LN2_HIGH, _LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
_POLYNOMIAL = (
    1.9875691500e-4,
    1.3981999507e-3,
    8.3334519073e-3,
    4.1665795894e-2,
    1.6666665459e-1,
    5.0000001201e-1,
)
_LOWEST, _HIGHEST = -87.0, 88.9
"""Arguments of exp: below it is 0 beside 1; at the highest 2^128 is infinity, so that sigmoid ends at 0."""


class Epilogue:
    """The code of one kind; bounds of a clamp are fields `low` and `high` of the kernel's arguments."""

    def __init__(self, w: Writer, kind: str, field: int) -> None:
        self._w, self._kind = w, kind
        if kind == "clamp":
            address = w.at("%args", 8 * field)
            self._low, self._high = w.load("float", address), w.load("float", w.at(address, 4))

    def apply(self, x: str, lanes: int) -> str:
        """The output for a vector of sums."""
        w = self._w
        if self._kind == "clamp":
            low, high = splat(w, self._low, lanes), splat(w, self._high, lanes)
            return _limit(w, x, low, high, lanes)
        if self._kind == "none":
            return x
        gate = _sigmoid(w, x, lanes)
        return gate if self._kind == "sigmoid" else w.value(f"fmul {vector(lanes)} {x}, {gate}")


def _limit(w: Writer, x: str, low: str, high: str, lanes: int) -> str:
    type_, flag = vector(lanes), "i1" if lanes == 1 else f"<{lanes} x i1>"
    below = w.value(f"fcmp olt {type_} {x}, {low}")
    x = w.value(f"select {flag} {below}, {type_} {low}, {type_} {x}")
    above = w.value(f"fcmp ogt {type_} {x}, {high}")
    return w.value(f"select {flag} {above}, {type_} {high}, {type_} {x}")


def _sigmoid(w: Writer, x: str, lanes: int) -> str:
    """1 / (1 + exp(-x))."""
    type_, integer = vector(lanes), "i32" if lanes == 1 else f"<{lanes} x i32>"

    def fixed(value: float) -> str:
        return constant(value, lanes)

    minus = w.value(f"fneg {type_} {x}")
    y = _limit(w, minus, fixed(_LOWEST), fixed(_HIGHEST), lanes)
    suffix = "f32" if lanes == 1 else f"v{lanes}f32"
    n = w.call(type_, f"llvm.rint.{suffix}", f"{type_} " + w.value(f"fmul {type_} {y}, {fixed(_LOG2E)}"))
    r = multiply_add(w, n, fixed(-_LN2_HIGH), y, lanes)
    r = multiply_add(w, n, fixed(-_LN2_LOW), r, lanes)
    p = fixed(_POLYNOMIAL[0])
    for coefficient in _POLYNOMIAL[1:]:
        p = multiply_add(w, p, r, fixed(coefficient), lanes)
    square = w.value(f"fmul {type_} {r}, {r}")
    p = multiply_add(w, p, square, r, lanes)
    p = w.value(f"fadd {type_} {p}, {fixed(1.0)}")
    # a NaN converts to some integer; freeze keeps that from being anything worse, and p is NaN anyway
    power = w.value(f"freeze {integer} " + w.value(f"fptosi {type_} {n} to {integer}"))
    ones, shift = ("127", "23") if lanes == 1 else (_splat_int(127, lanes), _splat_int(23, lanes))
    power = w.value(f"shl {integer} " + w.value(f"add {integer} {power}, {ones}") + f", {shift}")
    scale = w.value(f"bitcast {integer} {power} to {type_}")
    exponential = w.value(f"fmul {type_} {p}, {scale}")
    below = w.value(f"fadd {type_} {exponential}, {fixed(1.0)}")
    return w.value(f"fdiv {type_} {fixed(1.0)}, {below}")


def _splat_int(value: int, lanes: int) -> str:
    return "<" + ", ".join([f"i32 {value}"] * lanes) + ">"
