"""The acts: register, train, bring to market, through public routes and Kafka only."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.demo import cast, office
from deploy.local.demo.client import Client, Json, Refused
from deploy.local.demo.ledger import Ledger
from deploy.local.progress import console

T = TypeVar("T")
R = TypeVar("R")


class Chain:
    """Plays act by act; what was played before is only looked up."""

    def __init__(self, client: Client, ledger: Ledger, env: Mapping[str, str]) -> None:
        self._client, self._ledger, self._env = client, ledger, env

    async def play(self) -> Json:
        """The ids that the summary asks about."""
        businesses = await self.register()
        hers = businesses[cast.CHOCOLATE_MAKER]
        await self.correct(hers)
        session, seats, refused = await self.enrol(businesses)
        await self.attend(seats)
        await self.change(hers)
        market_event = await self.hear_of_market_event()
        stand = await self.confirm_stand(hers, market_event)
        self._ledger.save()
        return {
            "business": hers,
            "businesses": businesses,
            "session": session,
            "refused": refused,
            "market_event": market_event,
            "stand": stand,
        }

    async def register(self) -> list[str]:
        """Each woman with her home business."""

        async def one(woman: cast.Woman) -> str:
            person = await self._post(
                "registry", "/v1/people", woman.person, f"person {woman.number}"
            )
            business = {**woman.business, "owner_id": person["person_id"]}
            saved = await self._post(
                "registry", "/v1/businesses", business, f"business {woman.number}"
            )
            return str(saved["business_id"])

        return await together("women and their home businesses", one, cast.women())

    async def correct(self, business: str) -> None:
        """The officer typed 200 jars a day; she makes 20. The world didn't change."""
        path = f"/v1/businesses/{business}"
        wish = {
            "reason_code": "typing_error",
            "reason": "Kelebihan satu nol saat mengetik",
            "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
        }
        await self._change(path, f"{path}/corrections", wish, "correction", "registry")
        console.print("  [green]✓[/] a typing error put right: 20 jars a day, not 200")

    async def enrol(self, businesses: list[str]) -> tuple[str, list[str], list[str]]:
        """More women than seats, all at once. The session, who got a seat, and who didn't."""
        made = await self._post("training", "/v1/sessions", cast.SESSION, "session")
        session = str(made["session_id"])

        async def one(numbered: tuple[int, str]) -> Json:
            number, business = numbered
            path, wish = f"/v1/sessions/{session}/enrolments", {"business_id": business}
            try:
                seat = await self._post("training", path, wish, f"enrolment {number}")
            except Refused as refused:
                if refused.code != "sesi-penuh":
                    raise
                return {"refused": refused.detail, "business": business}
            return {"seat": seat["enrolment_id"]}

        async def all_at_once() -> list[Json]:
            first = [await one((0, businesses[0]))]  # the chocolate maker is first at the door
            rest = list(enumerate(businesses))[1:]
            return first + await together("ask for a seat at once", one, rest)

        answers = await self._ledger.once("enrolments", all_at_once)
        seats = [answer["seat"] for answer in answers if "seat" in answer]
        refused = [answer["business"] for answer in answers if "refused" in answer]
        if refused:
            told = next(answer["refused"] for answer in answers if "refused" in answer)
            console.print(f"  [green]✓[/] {len(refused)} refused: “{told}”")
        return session, seats, refused

    async def attend(self, seats: list[str]) -> None:
        """All but two came; one of the two had only been late, which is put right."""

        async def one(numbered: tuple[int, str]) -> None:
            number, seat = numbered
            here: Json = {"state": "present", "hours": "6"}
            away: Json = {"state": "excused", "reason": "Sakit"}
            missing = number in (5, 6)
            path = f"/v1/enrolments/{seat}"
            await self._change(
                path, f"{path}/attendance", away if missing else here, f"attendance {number}"
            )
            if number == 6:
                late = {"state": "present", "hours": "4.5", "reason": "Datang terlambat"}
                await self._change(path, f"{path}/attendance-corrections", late, "late")

        await together("seats with attendance", one, enumerate(seats))

    async def change(self, business: str) -> None:
        """After the training she no longer waits for orders: the world did change."""
        path = f"/v1/businesses/{business}"
        wish = {
            "production_mode": "batch",
            "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
            "effective_on": "2017-08-14",
        }
        await self._change(path, f"{path}/production-changes", wish, "to batch", "registry")
        console.print("  [green]✓[/] she produces in batches now, no longer only to order")

    async def hear_of_market_event(self) -> str:
        """Bogor's trade office announces a fair on Kafka; marketing lists it."""

        async def announce() -> str:
            return await office.announce(self._env, office.announcement(date.today()))  # noqa: DTZ011 - a person's day

        await self._ledger.once("announcement", announce)

        async def found() -> Any:
            async for event in self._client.pages("marketing", "/v1/market-events"):
                if event["name"] == office.NAME and event["host_city"] == "32.71":
                    return event["market_event_id"]
            return None

        listed = await self._ledger.once("market event", lambda: until(found))
        console.print("  [green]✓[/] Kota Bogor's trade office announced a fair over Kafka")
        return str(listed)

    async def confirm_stand(self, business: str, market_event: str) -> str:
        """Her chocolate gets a stand at the fair."""
        wish = {**cast.PRODUCT, "business_id": business}
        product = await self._post("marketing", "/v1/products", wish, "product")
        stand = await self._post(
            "marketing",
            f"/v1/market-events/{market_event}/stands",
            {"product_id": product["product_id"]},
            "stand",
        )
        console.print(f"  [green]✓[/] her chocolate has stand number {stand['stand_number']}")
        return str(stand["stand_id"])

    async def _post(self, service: str, path: str, body: Json, name: str) -> Json:
        async def act() -> Json:
            return (await self._client.post(service, path, body, name=name)).body

        answer: Json = await self._ledger.once(name, act)
        return answer

    async def _change(
        self, seen: str, path: str, body: Json, name: str, service: str = "training"
    ) -> None:
        """Changes what exists: reads its version first, as any client has to."""

        async def act() -> Json:
            now = await self._client.get(service, seen)
            try:
                given = await self._client.post(service, path, body, name=name, version=now.version)
            except Refused as refused:
                if refused.code != "kunci-dipakai-ulang":
                    raise
                return now.body  # an earlier run did it, on an older version
            return given.body

        await self._ledger.once(name, act)


async def together(
    title: str, one: Callable[[T], Awaitable[R]], all_of_them: Iterable[T]
) -> list[R]:
    """Runs `one` for each of them at the same time, with a bar on the screen."""
    items = list(all_of_them)
    columns = TextColumn("  [green]✓[/]"), MofNCompleteColumn(), TextColumn("{task.description}")
    with Progress(*columns, BarColumn(20), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(title, total=len(items))

        async def counted(item: T) -> R:
            result = await one(item)
            bar.advance(task)
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(counted(item)) for item in items]
    return [done.result() for done in tasks]


async def until(ask: Callable[[], Awaitable[R | None]], seconds: float = 30) -> R:
    """Asks again until there is an answer. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while (answer := await ask()) is None:  # noqa: ASYNC110 - the other side can't signal us
            await asyncio.sleep(0.1)
    return answer
