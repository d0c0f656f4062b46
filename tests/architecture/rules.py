"""Who may import what, as a table, and a reader of source files that knows no more than it says.

The table is design's, with what building it has taught:
- commands and api may use the contracts' *values* and *areas*: the form of a code and the city's
  table of kelurahan are the same for everybody, and a copy per service would drift.
- queries may use the domain's words (a code in Indonesian or English), api its refusals (a route
  publishes those that it can give). Neither decides anything with them.
- registry has one module more, `seals`: where NIK and family card numbers are sealed and opened.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SERVICES = ("registry", "training", "marketing")
ANY = frozenset({"*"})
# What asks the operating system for something: only a process's start may.
IO = frozenset(
    {
        "asyncio",
        "concurrent",
        "ctypes",
        "http",
        "importlib",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
    }
)  # fmt: skip  a list of names reads best as one
# What rules are made of. Not `random`, `time`, `os`: the same facts have to give the same answer.
PURE = frozenset(
    {
        "abc",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "itertools",
        "math",
        "operator",
        "re",
        "string",
        "typing",
        "unicodedata",
        "uuid",
    }
)  # fmt: skip  as above


@dataclass(frozen=True)
class Rule:
    """What a module of a service may import: of its own service, of `shared`, of libraries."""

    own: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()


def _rule(own: str = "", shared: str = "", libraries: str = "") -> Rule:
    return Rule(*(frozenset(names.split()) for names in (own, shared, libraries)))


RULES: Mapping[str, Rule] = {
    "domain": _rule(shared="errors"),
    "events": _rule("domain", "contracts"),
    "store": _rule("domain seals", "arrays db errors ids parked.waiting"),
    "commands": _rule(
        "domain store events", "db errors ids actor contracts.values contracts.areas", "pydantic"
    ),
    "reactions": _rule("domain store events commands", "contracts consumers db errors ids"),
    "queries": _rule("domain seals", "db errors actor", "pydantic pydantic_core"),
    "api": _rule(
        "commands queries domain.refusals",
        "http auth db errors actor contracts.values",
        "aiohttp pydantic",
    ),
    "seals": _rule("", "privacy resealing settings"),
    "__main__": Rule(ANY, ANY, ANY),
    "__init__": Rule(),
}

# The only homes of libraries whose use must not spread: modules or packages of `shared`.
HOMES: Mapping[str, frozenset[str]] = {
    "faust": frozenset({"stream"}),
    "mode": frozenset({"stream"}),
    "aiohttp": frozenset({"http"}),
    "joserfc": frozenset({"auth"}),
    "cryptography": frozenset({"privacy"}),
    "confluent_kafka": frozenset({"topics"}),
    "typer": frozenset({"cli", "auth", "topics"}),
    "yaml": frozenset({"contracts"}),
}
# What neither talks to Postgres nor to Kafka. asyncpg and aiokafka are for the rest of `shared`;
# services get a connection and facts, and never a library.
OFFLINE = frozenset(
    {
        "actor",
        "arrays",
        "auth",
        "consumers",
        "contracts",
        "errors",
        "ids",
        "logs",
        "metrics",
        "privacy",
        "settings",
        "watchdog",
    }
)  # fmt: skip  as above


_IMPORTERS = ("__import__", "import_module")


@dataclass(frozen=True)
class Import:
    """One import: by whom, of what, on which line, and whether only types need it."""

    by: str
    of: str
    line: int
    for_types: bool

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.of}"


Sources = Mapping[str, str]
"""What is written in each file, by its path below the clone: `shared/db.py`."""


def sources(root: Path) -> Sources:
    """Every Python file below `services` and `shared` of a tree."""
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for folder in ("services", "shared")
        for path in sorted((root / folder).rglob("*.py"))
    }


def imports(files: Sources) -> list[Import]:
    """All imports of a tree."""
    modules = {path.removesuffix(".py").replace("/", "."): text for path, text in files.items()}
    known = frozenset(name.removesuffix(".__init__") for name in modules)
    return [found for name, text in modules.items() for found in _imports_of(name, text, known)]


def violations(files: Sources) -> list[str]:
    """Every import that the tables forbid, every circle in `shared`, every impure domain line."""
    found = imports(files)
    broken = [f"{each}: {why}" for each in found for why in _forbidden(each)]
    broken += [f"shared goes in a circle: {' -> '.join(circle)}" for circle in cycles(found)]
    for path, text in files.items():
        if "/domain/" in path:
            broken += [f"{path}{why}" for why in impure(text)]
    return broken


@cache
def _forbidden(each: Import) -> tuple[str, ...]:
    return tuple(_reasons(each))


def _reasons(each: Import) -> Iterator[str]:
    by, of = each.by.split("."), each.of.split(".")
    if not of[0]:
        yield "relative, so it hides where it leads"
    elif by[0] == "shared":
        yield from _forbidden_in_shared(by[1:], of)
    elif len(by) > 2:
        yield from _forbidden_in_service(by[1], by[2], of)


def _forbidden_in_shared(by: list[str], of: list[str]) -> Iterator[str]:
    home = by[0]
    if of[0] == "services":
        yield "shared never knows a service"
    if home == "contracts" and of[0] == "shared" and of[1:2] != ["contracts"]:
        yield "contracts know nothing but contracts"
    if of[0] in HOMES and home not in HOMES[of[0]]:
        yield f"{of[0]} lives in {', '.join(sorted(HOMES[of[0]]))}"
    if of[0] in ("asyncpg", "aiokafka") and home in OFFLINE:
        yield f"{home} does not talk to servers"


def _forbidden_in_service(service: str, module: str, of: list[str]) -> Iterator[str]:
    rule = RULES.get(module)
    if rule is None:
        yield f"{module} is no module that services have"
    elif of[0] == "services":
        if of[1:2] != [service]:
            yield "no service imports another"
        elif of[2:3] != [module] and not _allowed(of[2:], rule.own):
            yield f"{module} may not use {'.'.join(of[2:])}"
    elif of[0] == "shared":
        if not _allowed(of[1:], rule.shared):
            yield f"{module} may not use shared.{'.'.join(of[1:])}"
    elif rule.libraries != ANY:
        yield from _forbidden_library(module, rule, of[0])


def _forbidden_library(module: str, rule: Rule, library: str) -> Iterator[str]:
    if library not in sys.stdlib_module_names:
        if library not in rule.libraries:
            yield f"{module} may not use {library}"
    elif module == "domain" and library not in PURE:
        yield "a domain has no I/O and no clock"
    elif library in IO:
        yield "only a process's start touches the operating system"


def _allowed(path: list[str], names: frozenset[str]) -> bool:
    prefixes = {".".join(path[:length]) for length in range(1, len(path) + 1)}
    return names == ANY or bool(prefixes & names)


@cache
def _imports_of(name: str, source: str, known: frozenset[str]) -> tuple[Import, ...]:
    return tuple(
        Import(name, target, node.lineno, for_types)
        for node, for_types in _importing(source)
        for target in _targets(node, known)
    )


_Importing = ast.Import | ast.ImportFrom | ast.Call


@cache  # apart from the above: a file that is new changes what is known, and no other file
def _importing(source: str) -> tuple[tuple[_Importing, bool], ...]:
    """What may import something, and whether only types need it."""
    nodes = list(ast.walk(ast.parse(source)))
    for_types = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    return tuple(
        (node, id(node) in for_types)
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (isinstance(node, ast.Call) and _called(node) in _IMPORTERS)
    )


def _targets(node: _Importing, known: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level:
            yield "." * node.level + (node.module or "")
            return
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in known else str(node.module)
    else:
        yield "importlib"


def _called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def cycles(found: list[Import]) -> list[list[str]]:
    """Circles of modules in `shared` that need each other to be loaded."""
    needs: dict[str, set[str]] = {}
    for each in found:
        by = each.by.removesuffix(".__init__")
        if by.startswith("shared") and each.of.startswith("shared.") and not each.for_types:
            needs.setdefault(by, set()).add(each.of)
    circles: list[list[str]] = []
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            circles.append([*path[path.index(module) :], module])
            return
        if module not in done:
            for needed in sorted(needs.get(module, ())):
                visit(needed, [*path, module])
            done.add(module)

    for module in sorted(needs):
        visit(module, [])
    return circles


# Calls that read a clock, a random number or the world, by any of their usual names.
_IMPURE_CALLS = frozenset(
    {
        "now",
        "utcnow",
        "today",
        "uuid1",
        "uuid4",
        "open",
        "print",
        "input",
        "exec",
        "eval",
        "getenv",
        "urandom",
    }
)  # fmt: skip  as above


@cache
def impure(source: str) -> tuple[str, ...]:
    """Lines of a domain that read the world, change a module's state, or wait for something."""
    found = []
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Call):
            if _called(node) in _IMPURE_CALLS:
                found.append(f":{line}: a domain does not call {_called(node)}()")
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append(f":{line}: a domain does not wait")
        elif isinstance(node, ast.Global):
            found.append(f":{line}: a domain keeps no state")
    return tuple(found)
