"""What the demo remembers of its earlier runs, so that a second one doubles nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any


class Ledger:
    """Name of a step to what it answered. Lies with the instance's data and goes with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        self._unsaved = 0
        self.fresh = not self._kept

    async def once(self, name: str, act: Callable[[], Awaitable[Any]]) -> Any:
        """What `act` answered the first time that this step was taken."""
        if name not in self._kept:
            self._kept[name] = await act()
            self._unsaved += 1
            if self._unsaved >= 20:
                self.save()
            await asyncio.sleep(0)
        return self._kept[name]

    def save(self) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._kept, indent=1))
        fresh.replace(self._path)
        self._unsaved = 0
