"""Numbers as text: the same digits for the same column, a true minus sign for differences."""

from __future__ import annotations

from collections.abc import Sequence


def decimals_for(values: Sequence[float]) -> int:
    """How many decimals a column of values needs: none for counts, four for measures between 0 and 1.

    >>> decimals_for([7012.0, 83.0]), decimals_for([0.4345, 1.0]), decimals_for([71.25, 3.5])
    (0, 4, 2)
    """
    if not values or (all(float(v).is_integer() for v in values) and max(map(abs, values)) > 1):
        return 0
    largest = max(map(abs, values))
    return 4 if largest <= 1.5 else 3 if largest < 10 else 2 if largest < 1000 else 1


def number(value: float | None, decimals: int = 4) -> str:
    """A number with fixed decimals; nothing for None.

    >>> number(0.43449, 4), number(None)
    ('0.4345', '')
    """
    return "" if value is None else f"{value + 0.0:.{decimals}f}"


def signed(value: float | None, decimals: int = 4) -> str:
    """A difference with its sign; zero has none.

    >>> signed(0.0105), signed(-0.0105), signed(0.00001)
    ('+0.0105', '−0.0105', '0.0000')
    """
    if value is None:
        return ""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def p_value(p: float | None) -> str:
    """A p as papers print it.

    >>> p_value(0.0004), p_value(0.0312), p_value(None)
    ('< 0.001', '0.031', '')
    """
    return "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them.

    >>> duration(42.4), duration(600), duration(5400)
    ('42 s', '10 min', '1 h 30 min')
    """
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
