"""The officers' work over HTTP: women, businesses, changes, seats, attendance, products, stands."""

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.chaos.http import Caller
from tests.chaos.ledger import Request

SEATS = 10
KELURAHAN = ("36.74.06.1001", "36.74.06.1005", "36.74.06.1006", "36.74.06.1008", "36.74.05.1005")
REMEMBERED = 300


@dataclass
class World:
    """What the officers know of: what others have entered and is open to all."""

    caller: Caller
    random: random.Random
    sessions: list[str] = field(default_factory=list)
    fairs: list[str] = field(default_factory=list)
    businesses: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def find_fairs(self, wanted: int) -> None:
        """Learn marketing's ids of the contested market events. Raises TimeoutError."""
        async with asyncio.timeout(60):
            while len(self.fairs) < wanted:
                query = {"starts_from": "2099-01-01", "limit": "100"}
                status, body, _ = await self.caller.get("marketing", "/v1/market-events", **query)
                if status == 200:
                    self.fairs = [item["market_event_id"] for item in body["items"]]
                await asyncio.sleep(0.2)

    async def officer(self) -> None:
        """Work until the office closes."""
        while not self.caller.closing:
            if not self.sessions or self.random.random() < 0.15:
                await self._schedule()
            await self._woman()
            if self.random.random() < 0.5:
                await self._correct_a_strangers()

    async def _schedule(self) -> None:
        title = f"Sesi uji {next(self.numbers)}"
        body = {
            "title": title,
            "topics": ["marketing"],
            "held_on": "2020-02-02",
            "hours": "6",
            "kelurahan": KELURAHAN[0],
            "capacity": SEATS,
            "organising_office": "dpmp3akb",
        }
        made = await self.caller.post("session", title, "/v1/sessions", body, service="training")
        if made.outcome == "accepted":
            self.sessions = [*self.sessions[-3:], made.id]

    async def _woman(self) -> None:
        """One woman's way through the programme, as far as she gets."""
        person = await self.person()
        if person.outcome != "accepted":
            return
        business = await self.business(person.id)
        if business.outcome != "accepted":
            return
        version = 1
        for _ in range(self.random.randrange(3)):
            changed = await self.change(business.id, version)
            if changed.outcome != "accepted":
                break
            version = changed.version
        self.businesses = [*self.businesses[-REMEMBERED:], business.id]
        if self.sessions and await self._trained(business.id):
            await self._to_market(business.id)

    async def person(self) -> Request:
        """Register somebody who is known by her name."""
        number = next(self.numbers)
        born = date(1960, 1, 1) + timedelta(days=number % 14_000)
        nik = f"367406{born.day + 40:02}{born:%m%y}{1 + number // 14_000:04}"
        body = {
            "name": f"Ibu Uji {number}",
            "nik": nik,
            "birth_date": born.isoformat(),
            "household_number": f"3674069{number:09}",
            "role_in_household": "wife",
            "kelurahan": self.random.choice(KELURAHAN),
        }
        return await self.caller.post(
            "person", body["name"], "/v1/people", body, service="registry"
        )

    async def business(self, owner: str) -> Request:
        """Register the only business of an owner."""
        body = {
            "owner_id": owner,
            "kelurahan": self.random.choice(KELURAHAN),
            "sector": "food",
            "sub_sector": "snacks",
            "started_on": "2017-05-01",
            "production_mode": "to_order",
            "capacity": self._capacity()[1],
            "channels": [{"kind": "home"}],
            "constraints": [{"kind": "marketing", "severity": 2}],
        }
        return await self.caller.post("business", owner, "/v1/businesses", body, service="registry")

    def _capacity(self) -> tuple[str, dict[str, str]]:
        """A number that nobody else enters: the event tells by it which wish it came from."""
        number = str(next(self.numbers))
        return number, {"quantity": number, "unit": "pack", "period": "week"}

    async def change(self, business: str, version: int) -> Request:
        """A change or a correction, known by the capacity that is entered."""
        mark, capacity = self._capacity()
        path = f"/v1/businesses/{business}"
        if self.random.random() < 0.5:
            body: dict[str, Any] = {
                "production_mode": self.random.choice(("batch", "continuous")),
                "capacity": capacity,
                "effective_on": "2018-01-01",
            }
            op, path = "production change", f"{path}/production-changes"
        else:
            body = {"reason_code": "typing_error", "reason": "Salah ketik", "capacity": capacity}
            op, path = "correction", f"{path}/corrections"
        return await self.caller.post(op, mark, path, body, service="registry", if_match=version)

    async def _correct_a_strangers(self) -> None:
        """Two officers at the same business: one of them may come too late."""
        if not self.businesses:
            return
        business = self.random.choice(self.businesses)
        status, _, version = await self.caller.get("registry", f"/v1/businesses/{business}")
        if status == 200:
            await self.change(business, version)

    async def _trained(self, business: str) -> bool:
        session = self.random.choice(self.sessions)
        seat = await self.caller.post(
            "enrolment",
            f"{session} {business}",
            f"/v1/sessions/{session}/enrolments",
            {"business_id": business},
            service="training",
        )
        if seat.outcome != "accepted":
            return False
        here = {"state": "present", "hours": "6"}
        away = {"state": "excused", "reason": "Sakit"}
        missing = self.random.random() < 0.2
        seen = await self._attend(seat.id, 1, "attendance", away if missing else here)
        if seen.outcome == "accepted" and missing:
            late = {"state": "present", "hours": "3", "reason": "Datang terlambat"}
            seen = await self._attend(seat.id, 2, "attendance-corrections", late)
        return seen.outcome == "accepted"

    async def _attend(self, seat: str, version: int, what: str, body: dict[str, Any]) -> Request:
        return await self.caller.post(
            "attendance",
            f"{seat} {version + 1}",
            f"/v1/enrolments/{seat}/{what}",
            body,
            service="training",
            if_match=version,
        )

    async def _to_market(self, business: str) -> None:
        name = f"Produk uji {next(self.numbers)}"
        body = {"business_id": business, "name": name, "unit": "pack", "price_rupiah": 15_000}
        product = await self.caller.post("product", name, "/v1/products", body, service="marketing")
        if product.outcome != "accepted" or not self.fairs:
            return
        fair = self.random.choice(self.fairs)
        stand = await self.caller.post(
            "stand",
            f"{fair} {business}",
            f"/v1/market-events/{fair}/stands",
            {"product_id": product.id},
            service="marketing",
        )
        if stand.outcome == "accepted" and self.random.random() < 0.6:
            await self.caller.post(
                "release",
                f"{stand.id} 2",
                f"/v1/stands/{stand.id}/release",
                {"reason": "Produksi tidak cukup"},
                service="marketing",
                if_match=1,
            )
