"""What every act is made of: posts that are made once, changes of what exists, and the screen."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.demo.client import Client, Json, Refused
from deploy.local.demo.ledger import Ledger
from deploy.local.progress import console

T = TypeVar("T")
R = TypeVar("R")
REPORTED, INVENTED = "[green]●[/]", "[yellow]○[/]"


@dataclass
class Steps:
    """Posts, each under a name of its own: what was done before is only looked up."""

    client: Client
    ledger: Ledger
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """Prints the act's title, and notes its time."""
        console.print(f"[bold]{title}[/]")
        began = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - began

    async def post(
        self,
        service: str,
        path: str,
        body: Json,
        name: str,
        role: str = "petugas",
        version: int | None = None,
    ) -> Json:
        """What the service answered the first time. `version`: of what is changed.

        Raises Refused.
        """

        async def act() -> Json:
            given = await self.client.post(
                service, path, body, name=name, role=role, version=version
            )
            return given.body

        answer: Json = await self.ledger.once(name, act)
        return answer

    async def change(
        self, service: str, seen: str, path: str, body: Json, name: str, role: str = "petugas"
    ) -> Json:
        """Changes what exists: reads its version at `seen` first, as any client has to."""

        async def act() -> Json:
            now = await self.client.get(service, seen)
            try:
                given = await self.client.post(
                    service, path, body, name=name, role=role, version=now.version
                )
            except Refused as refused:
                if refused.code != "kunci-dipakai-ulang":
                    raise
                return now.body  # an earlier run did it, on an older version
            return given.body

        answer: Json = await self.ledger.once(name, act)
        return answer

    async def refused(
        self,
        service: str,
        path: str,
        body: Json,
        name: str,
        role: str = "petugas",
        version: int | None = None,
    ) -> Json:
        """What the service says to a wish that it has to refuse. Raises AssertionError if not."""

        async def act() -> Json:
            try:
                await self.client.post(service, path, body, name=name, role=role, version=version)
            except Refused as refused:
                return {"detail": refused.detail, "needed": refused.needed}
            raise AssertionError(f"{service} should have refused {name}")

        answer: Json = await self.ledger.once(name, act)
        return answer

    async def asked(self, name: str, service: str, path: str, **query: str) -> Json:
        """What the service answered when this was asked for the first time."""

        async def act() -> Json:
            return (await self.client.get(service, path, **query)).body

        answer: Json = await self.ledger.once(name, act)
        return answer


def done(mark: str, text: str) -> None:
    """One line on the screen."""
    console.print(f"  [green]✓[/] {mark} {text}")


def no(asked: str, refusal: Json) -> None:
    """A refusal, and what would turn it into a yes."""
    console.print(f"  [red]✗[/] {INVENTED} {asked}: “{refusal['detail']}”")
    for need in refusal["needed"]:
        by = f", by {need['by']}" if need["by"] else ""
        console.print(f"      it would need: {need['detail']} [dim]({need['who']}{by})[/]")


async def together(
    mark: str, title: str, one: Callable[[T], Awaitable[R]], all_of_them: Iterable[T]
) -> list[R]:
    """Runs `one` for each of them at the same time, with a bar on the screen."""
    items = list(all_of_them)
    columns = (
        TextColumn(f"  [green]✓[/] {mark}"),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, BarColumn(20), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(title, total=len(items))

        async def counted(item: T) -> R:
            result = await one(item)
            bar.advance(task)
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(counted(item)) for item in items]
    return [finished.result() for finished in tasks]


async def until(ask: Callable[[], Awaitable[R | None]], seconds: float = 30) -> R:
    """Asks again until there is an answer. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while (answer := await ask()) is None:  # noqa: ASYNC110 - the other side can't signal us
            await asyncio.sleep(0.1)
    return answer


Ids = dict[str, Any]
