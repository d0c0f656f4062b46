"""Apache Kafka's jars, exactly those of kafka.lock.

`python -m deploy.local.jars` resolves them anew and writes the lock.
"""

import hashlib
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.local.bootstrap import Stop
from deploy.local.places import home

LOCK = Path(__file__).with_name("kafka.lock")
WANTED = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)


def cache() -> Path:
    """Where downloads stay, whatever becomes of an instance's data."""
    return home() / "cache" / "jars"


def missing() -> list[str]:
    """The locked artifacts that are not there yet."""
    return [name for name, _ in _locked() if not _path(name).exists()]


def fetch(loaded: Callable[[int, int], None]) -> None:
    """Downloads what is missing; tells `loaded` the count and bytes so far. Raises Stop."""
    wanted = missing()
    if not wanted:
        return
    context = _context(cache())
    count = total = 0
    with ThreadPoolExecutor(8) as pool:
        try:
            for path in pool.map(lambda name: _artifact(context, name).resolve(), wanted):
                count, total = count + 1, total + path.stat().st_size
                loaded(count, total)
        except OSError as error:
            pool.shutdown(cancel_futures=True)
            if error.errno == 28:
                raise Stop("The disk is full: free about 1 GB, then run it again.") from error
            raise Stop(
                "Apache Kafka's jars can't be downloaded: the Maven registry can't be reached "
                "from here; check the network (or HTTPS_PROXY), then run the same again."
            ) from error


def class_path() -> str:
    """All jars, each checked against the lock. Raises Stop on a jar that isn't the locked one."""
    paths = []
    for name, digest in _locked():
        path = _path(name)
        if _digest(path) != digest:
            path.unlink()
            raise Stop(
                f"{name} is not the jar that kafka.lock names; it was deleted: run it again, "
                "and if that repeats, check what stands between this machine and the registry."
            )
        paths.append(str(path))
    return ":".join(paths)


def _locked() -> list[tuple[str, str]]:
    lines = LOCK.read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return [(name, digest) for digest, name in pairs]


def _path(name: str) -> Path:
    group, artifact, version = name.split(":")
    folder = cache() / group.replace(".", "/") / artifact / version
    return folder / f"{artifact}-{version}.jar"


def _digest(path: Path) -> str:
    with path.open("rb") as jar:
        return hashlib.file_digest(jar, "sha256").hexdigest()


def _context(folder: Path) -> Any:
    from jgo.maven import MavenContext

    logging.getLogger("jgo").setLevel(logging.ERROR)
    return MavenContext(repo_cache=folder, local_repos=[], timeout=60)


def _artifact(context: Any, name: str) -> Any:
    group, artifact, version = name.split(":")
    return context.project(group, artifact).at_version(version).artifact()


def _write_lock() -> None:
    from jgo.maven import Dependency

    context = _context(cache())
    lines: dict[str, str] = {}
    for (
        name
    ) in WANTED:  # one by one: the logging library's own table of versions holds an old Kafka
        direct, others = context.resolver.resolve([Dependency(_artifact(context, name))])
        for found in [*direct, *others]:
            artifact = found.artifact
            if found.scope in (None, "compile", "runtime") and not found.optional:
                full = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
                lines.setdefault(full.rsplit(":", 1)[0], f"{_digest(artifact.resolve())}  {full}")
    head = "# SHA-256 and name of each jar; written by `python -m deploy.local.jars`\n"
    LOCK.write_text(head + "\n".join(lines[name] for name in sorted(lines)) + "\n")
    sys.stdout.write(f"{len(lines)} jars\n")


if __name__ == "__main__":
    _write_lock()
