"""Edits of a module's text: a constant or operator of a definition changed, a definition moved or added."""

import ast

_OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}


def places(text, name):
    """Where constants and operators of the definition `name` stand, and what may stand there."""
    return [
        place
        for statement in _statements(text, name)
        for node in _outside_of_f_strings(statement)
        for place in _sites(node)
    ]


def mutated(text, place):
    """The module with another constant or operator there; None if none can be written."""
    edited = _replaced(text, *place)
    same = edited is None or ast.dump(ast.parse(edited)) == ast.dump(ast.parse(text))
    return None if same else edited


def with_more(text, number):
    """The module with one more function, constant, class and import, which nobody uses."""
    return text + (
        f"\n\nimport json as _json_{number}\n\nADDED_{number} = {number}\n\n\n"
        f"def added_{number}(x):\n    return _json_{number}.dumps(x) + str(ADDED_{number})\n\n\n"
        f"class Added{number}:\n    size = added_{number}\n"
    )


def moved(text, module, name, place):
    """The module without the definition, which it now imports, and the new module `place` that has it."""
    tree = ast.parse(text)
    (statement,) = _statements(text, name)
    start = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    lines = text.splitlines(keepends=True)
    body = "".join(lines[start - 1 : statement.end_lineno])
    rest = "".join(lines[: start - 1] + lines[statement.end_lineno :])
    imports = [ast.unparse(s) for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom)]
    imports = [i.replace("from .", f"from {module.rpartition('.')[0]}.") for i in imports]
    others = sorted(
        {
            n.id if isinstance(n, ast.Name) else n.name
            for s in tree.body
            if s is not statement
            for n in ast.walk(s)
            if (isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n in _targets(s)) or n is s
            if isinstance(n, ast.Name | ast.FunctionDef | ast.ClassDef)
        }
        - {name}
    )
    future = [i for i in imports if "__future__" in i]
    here = [i for i in imports if "__future__" not in i]
    back = [f"from {module} import {', '.join(others)}"] if others else []
    new = "\n".join([*future, *here, *back]) + "\n\n\n" + body
    after = max(
        (s.end_lineno for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"),
        default=0,
    )
    kept = rest.splitlines(keepends=True)
    return "".join(
        [*kept[:after], f"from {place} import {', '.join(sorted(_bound(statement)))}\n", *kept[after:]]
    ), new


def _targets(statement):
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [n for t in targets if t is not None for n in ast.walk(t)]


def _bound(statement):
    named = {statement.name} if hasattr(statement, "name") else set()
    return named | {n.id for n in _targets(statement) if isinstance(n, ast.Name)}


def _statements(text, name):
    return [statement for statement in ast.parse(text).body if name in _bound(statement)]


def _outside_of_f_strings(statement):
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        documented = isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None
        for child in ast.iter_child_nodes(node):
            docstring = documented and child is node.body[0]
            attribute = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if not (docstring or attribute or isinstance(child, ast.JoinedStr)):
                waiting.append(child)


def _sites(node):
    """(start, end, old, new) of each place to change; places are (line, column in bytes)."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes | type(...)):
        new = {
            bool: lambda v: str(not v),
            int: lambda v: str(v + 1),
            float: lambda v: repr(v * 2 + 1),
            str: lambda v: repr(v + "x"),
            type(None): lambda v: "False",
        }.get(type(node.value))
        if new is not None:
            yield (
                (node.lineno, node.col_offset),
                (node.end_lineno, node.end_col_offset),
                None,
                new(node.value),
            )
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        yield _between(node.left, node.right, node.op)
    elif isinstance(node, ast.Compare):
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            if type(op) in _OPERATORS:
                yield _between(left, right, op)
    elif isinstance(node, ast.BoolOp):
        yield _between(node.values[0], node.values[1], node.op)


def _between(left, right, op):
    return ((left.end_lineno, left.end_col_offset), (right.lineno, right.col_offset), *_OPERATORS[type(op)])


def _replaced(text, start, end, old, new):
    lines = text.encode().splitlines(keepends=True)
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line))
    whole = text.encode()
    first, last = offsets[start[0] - 1] + start[1], offsets[end[0] - 1] + end[1]
    middle = whole[first:last].decode()
    if old is not None:
        if middle.count(old) != 1:  # parentheses and comments may stand between
            return None
        new = middle.replace(old, new)
    edited = (whole[:first] + new.encode() + whole[last:]).decode()
    try:
        ast.parse(edited)
    except SyntaxError:
        return None
    return edited
