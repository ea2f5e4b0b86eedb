"""Starters: code for the names that a recipe uses and a notebook may lack.

A recipe is pasted below a player's own cells and uses their variables. For such a name a pack has
code that defines it from what every notebook has; this code precedes the recipe if the name is
missing.
"""

import ast
import builtins
import itertools
import symtable
from collections.abc import Container, Iterator, Mapping, Sequence

ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
"""Statements that read names before they bind them: ``x = f(x)`` needs an ``x``."""

NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing raises for code that is no Python, or is nested too deeply."""

HEADING = "# What the recipe builds on and this notebook does not have yet:"


def names_needed(code: str) -> list[str]:
    """List the names that code needs from the notebook, in the order of use.

    Lines of magics (``%ensemble ...``) and built-in names are ignored.
    """
    needed: dict[str, None] = {}
    bound: set[str] = set(dir(builtins))
    for statement in parsed(code).body:
        table = symtable.symtable(ast.unparse(statement), "<recipe>", "exec")
        own = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
        within = set() if isinstance(statement, ASSIGNMENTS) else own
        taken = set(_taken(table)) - bound - within
        needed |= dict.fromkeys(name for name in _read(statement) if name in taken)
        bound |= own
    return list(needed)


def without_magics(code: str) -> str:
    """Return a cell's Python, with a blank line for each line of a magic."""
    return "\n".join("" if line.startswith(("%", "!")) else line for line in code.splitlines())


def parsed(code: str) -> ast.Module:
    """Parse a cell's code, without its lines of magics.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        It is not Python, or nested too deeply.
    """
    return ast.parse(without_magics(code))


def names_made(code: str) -> set[str]:
    """Return the names that code binds at the top level."""
    table = symtable.symtable(code, "<starter>", "exec")
    return {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}


def completed(recipe: str, starters: Mapping[str, str], names: Container[str]) -> str:
    """Complete a recipe by code that defines what a notebook lacks.

    Parameters
    ----------
    recipe
        Python source, possibly with magics.
    starters
        Name to the source that defines it.
    names
        The names that the notebook has.
    """
    above: dict[str, str] = {}
    missing: dict[str, None] = {}
    _gather(recipe, starters, names, above, missing)
    imports = [source for source in above.values() if source.startswith(("import ", "from "))]
    heads = [f"# This recipe needs, in a cell above: {', '.join(missing)}"] if missing else []
    if above:
        heads.append("\n".join([HEADING, *imports]))
    return _joined([*heads, *(s for s in above.values() if s not in imports), recipe])


def _joined(parts: Sequence[str]) -> str:
    """Join pieces of code by blank lines, two around definitions."""
    text = ""
    for before, part in itertools.pairwise(["", *parts]):
        apart = "\n\n\n" if before.startswith("def ") or part.startswith("def ") else "\n\n"
        text += (apart if before else "") + part
    return text


def _gather(
    code: str,
    starters: Mapping[str, str],
    names: Container[str],
    above: dict[str, str],
    missing: dict[str, None],
) -> None:
    for name in names_needed(code):
        if name in names or name in above or name in missing:
            continue
        if name in starters:
            _gather(starters[name], starters, names, above, missing)
            above[name] = starters[name].strip()
        else:
            missing[name] = None


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported()


def _read(statement: ast.stmt) -> list[str]:
    """List the names that a statement reads, in order."""
    nodes = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    changed = statement.target if isinstance(statement, ast.AugAssign) else None
    return [n.id for n in nodes if isinstance(n.ctx, ast.Load) or n is changed]


def _taken(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the global names that a block and its inner blocks read."""
    module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_global() or module:
            yield symbol.get_name()
    for child in table.get_children():
        yield from _taken(child)
