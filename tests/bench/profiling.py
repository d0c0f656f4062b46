"""What takes the time: functions by their own CPU time."""

import asyncio
import cProfile
import io
import pstats
import re
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.local.places import CLONE
from tests.bench.ground import Ground

LINES = 14
_PLACE = re.compile(r"/\S*?/(site-packages|python3\.\d+)/")


async def profiled(work: Callable[[], Awaitable[object]]) -> str:
    """The functions in which `work` spent the most CPU time of this process."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    try:
        await work()
    finally:
        profile.disable()
    return _table(pstats.Stats(profile))


async def profiled_api(ground: Ground, work: Callable[[], Awaitable[object]]) -> str:
    """The same for the registry's API, started anew under the profiler."""
    stack = ground.stack
    await asyncio.to_thread(stack.stop, "registry-api")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "profile"
        command = [sys.executable, "-m", "cProfile", "-o", str(kept), "-m", "services.registry"]
        with stack.instance.log("registry-api").open("ab") as log:
            running = await asyncio.create_subprocess_exec(
                *command,
                "api",
                env=stack.services.environment("registry", "api"),
                cwd=CLONE,
                stdout=log,
            )
            try:
                while not await asyncio.to_thread(stack.services.ready, "registry-api"):
                    if running.returncode is not None:
                        raise LookupError("the API did not start under the profiler")
                    await asyncio.sleep(0.1)
                await work()
            finally:
                running.send_signal(signal.SIGTERM)
                await running.wait()
        table = _table(pstats.Stats(str(kept)))
    await asyncio.to_thread(stack.start, "registry-api")
    return table


def _table(stats: pstats.Stats) -> str:
    out = io.StringIO()
    stats.stream = out  # type: ignore[attr-defined]
    stats.sort_stats("tottime").print_stats(LINES)
    lines = out.getvalue().splitlines()
    start = next(n for n, line in enumerate(lines) if "ncalls" in line)
    return "\n".join(_short(line) for line in lines[start:] if line.strip())


def _short(line: str) -> str:
    return _PLACE.sub("", line).replace(f"{CLONE}/", "").rstrip()
