"""The adapter to the local stack: the only file of the crash test that knows deploy/local."""

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

from deploy.local.bootstrap import Stop
from deploy.local.places import CLONE, Instance, derived
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack

__all__ = ["APIS", "SERVICES", "WORKERS", "Stack", "Stop", "do"]
P = ParamSpec("P")
T = TypeVar("T")
SERVICES = ("registry", "training", "marketing")
APIS = tuple(f"{service}-api" for service in SERVICES)
WORKERS = tuple(f"{service}-worker{n}" for service in SERVICES for n in ("", "-2"))
READY_SECONDS = 90
STILL = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)


@dataclass
class Stack:
    """One instance of the product with two workers a service; each part can be broken."""

    name: str
    env: dict[str, str] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    """How often a process has ended by itself: it is started again, as compose would."""
    last_words: list[str] = field(default_factory=list)
    """The end of the log of each process that has ended by itself, before it was started again."""
    stopped_at: dict[int, float] = field(default_factory=dict)
    """When each process was stopped last, by the clock of this machine."""
    _known: dict[int, list[psutil.Process]] = field(default_factory=dict)
    _running: set[str] = field(default_factory=lambda: {*APIS})

    def __post_init__(self) -> None:
        self.instance = Instance(self.name)
        self._local = LocalStack(self.instance, Progress(quiet=True))
        self._files = threading.RLock()  # the instance's own lists are files: one writer at a time

    @property
    def folder(self) -> Path:
        return self.instance.folder

    def up(self) -> None:
        """Start afresh, without anything that an earlier run has left."""
        if self.instance.exists:
            self._command("clean")
        me = psutil.Process()
        self.instance.remember("session", {"pid": me.pid, "born": me.create_time()})
        self._command("up")
        lines = self._command("env").splitlines()
        words = [shlex.split(line)[1].partition("=") for line in lines if line.startswith("export")]
        self.env = {name: value for name, _, value in words}
        self.start(*WORKERS)
        self.wait_ready()

    def down(self) -> None:
        self._local.down()

    def clean(self) -> None:
        self._command("clean")

    def start(self, *names: str) -> None:
        """Start what doesn't run; servers are waited for. Raises deploy.local's Stop."""
        servers = [n for n in ("postgres", "kafka") if n in names]
        with self._files:
            self._local.start(*servers)
        for name in names:
            if name not in servers:
                self.spawn(name)

    def wait_ready(self, services: Sequence[str] = SERVICES) -> None:
        """Until each process says that it is ready. Raises RuntimeError when one never is."""
        for name in (*APIS, *WORKERS):
            if name.startswith(tuple(services)):
                self._wait_ready(name)

    def spawn(self, name: str) -> None:
        """Start a process of a service without waiting for it."""
        with self._files:
            if self._local.processes.find(name) is None:
                if name in self._running:
                    self.left[name] += 1
                    self.last_words.append(f"{name}: {self._end_of_log(name)}")
                self._running.add(name)
                self._spawn(name)

    def _spawn(self, name: str) -> None:
        service, kind = name.split("-")[:2]
        environment = self._local.services.environment(
            service, "api" if kind == "api" else "worker"
        )
        if kind == "worker":
            environment["BINAAN_METRICS_PORT"] = str(self._port(name))
        self._local.processes.start(
            name,
            [sys.executable, "-m", f"services.{service}", kind],
            environment=environment,
            folder=CLONE,
        )

    def kill(self, name: str) -> None:
        """SIGKILL."""
        with self._files:
            self._running.discard(name)
            self._local.kill(name)

    def stop(self, name: str) -> None:
        """SIGTERM, or what the server's own orderly end is; SIGKILL after half a minute."""
        if name in ("postgres", "kafka"):
            with self._files:
                self._local.stop(name)
            return
        self._running.discard(name)
        os.kill(self.pid(name), signal.SIGTERM)
        deadline = time.monotonic() + 30
        while self.alive(name) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.kill(name)

    def freeze(self, name: str) -> int:
        """SIGSTOP; returns the pid once it stands still. LookupError when it doesn't run.

        A worker's relay is a process of its own below it: the two stand still together. Whom we
        know already is stopped at once: to look for others takes longer than a batch.
        """
        pid = self.pid(name)
        for process in self._known.get(pid, [psutil.Process(pid)]):
            _send(process, signal.SIGSTOP)
        self.stopped_at[pid] = time.time()
        for process in self._family(pid):
            _send(process, signal.SIGSTOP)
            while process.is_running() and process.status() not in STILL:
                time.sleep(0.001)
        return pid

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        pid = self.pid(name)
        for process in self._known.get(pid) or self._family(pid):
            _send(process, signal.SIGCONT)

    def _family(self, pid: int) -> list[psutil.Process]:
        process = psutil.Process(pid)
        family = self._known[pid] = [process, *process.children(recursive=True)]
        return family

    def heal(self, services: Sequence[str]) -> None:
        """Both servers and everything of these services goes on and runs again."""
        self.start("postgres", "kafka")
        for name in (*APIS, *WORKERS):
            if name.startswith(tuple(services)):
                if self.alive(name):
                    self.thaw(name)
                self.spawn(name)

    def pid(self, name: str) -> int:
        process = self._local.processes.find(name)
        if process is None:
            raise LookupError(f"{name} doesn't run")
        return int(process.pid)

    def alive(self, name: str) -> bool:
        return self._local.processes.find(name) is not None

    def log(self, name: str) -> Path:
        return self.instance.log(name)

    def kafka_password(self, service: str) -> str:
        """Of a service's own principal: the inversion is planted under it."""
        return derived(self._local.kafka.password, service)

    def _end_of_log(self, name: str) -> str:
        log = self.log(name)
        if not log.exists():
            return "no log"
        return " | ".join(
            line[:400] for line in log.read_text("utf-8", "replace").splitlines()[-3:]
        )

    def _port(self, name: str) -> int:
        """Where a process says whether it is ready; the second worker has a port of its own."""
        service, kind, *more = name.split("-")
        worker = ["worker"] if kind == "worker" else []
        return self.instance.port("_".join((service, *worker, *more)))

    def _wait_ready(self, name: str) -> None:
        with self._files:
            url = f"http://127.0.0.1:{self._port(name)}/readyz"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if not self.alive(name):
                self.spawn(name)  # it left by itself: started again, as compose would
            try:
                with urllib.request.urlopen(url, timeout=3):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"{name} was not ready after {READY_SECONDS} s: see {self.log(name)}")

    def _command(self, what: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", what],
            env={**os.environ, "BINAAN_INSTANCE": self.name},
            cwd=CLONE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"deploy.local {what} failed:\n{done.stdout[-2000:]}")
        return done.stdout


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


async def do(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run a blocking act of the stack in a thread; the load goes on meanwhile."""
    return await asyncio.to_thread(work, *arguments, **named)
