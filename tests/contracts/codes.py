"""Every code that an event can end with, found in the sources."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from shared.cloudevents import BEHIND
from shared.errors import Refusal

ROOT = Path(__file__).parents[2]
Name = tuple[str, str]
"""A module, and a name that it defines."""


@cache
def of_the_mechanism() -> set[str]:
    """The codes of faults that `shared` itself finds."""
    found = {BEHIND, "waited_too_long", "trial_over", "not_registered"}  # made by their names
    for path in (ROOT / "shared").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if node.func.id in ("Fault", "NotReadable") and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


@cache
def of_rules(service: str) -> dict[str, type[Refusal]]:
    """The refusals that a service's reactions, and whatever they use of it, speak of."""
    modules = dict(_modules(service))
    todo = [(module, name) for module in modules if ".reactions" in module for name in
            modules[module][0]]  # fmt: skip
    seen: set[Name] = set()
    while todo:
        name = todo.pop()
        if name not in seen and name[0] in modules and name[1] in modules[name[0]][0]:
            seen.add(name)
            todo += _used(name, modules)
    found = [getattr(import_module(module), name, None) for module, name in seen]
    refusals = [one for one in found if isinstance(one, type) and issubclass(one, Refusal)]
    return {refusal.code: refusal for refusal in refusals}


Module = tuple[dict[str, ast.stmt], dict[str, Name]]
"""What it defines, and what its imports mean."""


def _modules(service: str) -> Iterator[tuple[str, Module]]:
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        body = ast.parse(path.read_text()).body
        imports = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        yield name, (dict(_defined(body)), imports)


def _defined(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((t.id, node) for t in targets if isinstance(t, ast.Name))


def _used(name: Name, modules: dict[str, Module]) -> Iterator[Name]:
    """The names of the service that a definition uses: its module's, imported, or `module.name`."""
    defined, imports = modules[name[0]]
    for node in ast.walk(defined[name[1]]):
        if isinstance(node, ast.Name):
            yield imports.get(node.id, (name[0], node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package, module = imports.get(node.value.id, ("", ""))
            yield f"{package}.{module}", node.attr
