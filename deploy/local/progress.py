"""What the person at the keyboard sees meanwhile: one line per phase, with its time."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console

# a pipe has no width of its own; a log of eighty columns would cut every table
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


@dataclass
class Progress:
    """Phases, their seconds and the bytes downloaded. Quiet for tests."""

    quiet: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    downloaded: int = 0

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times what happens inside and prints one line when it ends well."""
        began = time.monotonic()
        if self.quiet:
            yield
        else:
            with console.status(f"{name} …"):
                yield
        self.seconds[name] = time.monotonic() - began
        if not self.quiet:
            console.print(f"  [green]✓[/] {name} [dim]{self.seconds[name]:.1f} s[/]")

    def say(self, text: str) -> None:
        if not self.quiet:
            console.print(text)

    @property
    def total(self) -> float:
        return sum(self.seconds.values())
