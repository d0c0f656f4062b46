"""Registry's part: women, their businesses, changes, and what is observed of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.chaos.ledger import Request

if TYPE_CHECKING:
    from tests.chaos.load import World

KELURAHAN = ("36.74.06.1001", "36.74.06.1005", "36.74.06.1006", "36.74.06.1008", "36.74.05.1005")
NAMED = "Ibu Uji "
BANDS = ("below_1m", "from_1m", "from_2m", "from_3m", "from_5m")


async def person(world: World) -> Request:
    """Register somebody who is known by her name."""
    number = world.number()
    body = {
        "name": f"{NAMED}{number}",
        "nik": nik(number),
        "birth_date": _born(number).isoformat(),
        "household_number": family_card(number),
        "role_in_household": "wife",
        "kelurahan": world.random.choice(KELURAHAN),
    }
    return await world.post("person", body["name"], "/v1/people", body, "registry")


def nik(number: int) -> str:
    """Of the woman whom an officer registers under this number: nobody else has it."""
    born = _born(number)
    return f"367406{born.day + 40:02}{born:%m%y}{1 + number // 14_000:04}"


def family_card(number: int) -> str:
    """Of her household."""
    return f"3674069{number:09}"


def _born(number: int) -> date:
    return date(1960, 1, 1) + timedelta(days=number % 14_000)


async def business(world: World, owner: str) -> Request:
    """Register the only business of an owner."""
    body = {
        "owner_id": owner,
        "kelurahan": world.random.choice(KELURAHAN),
        "sector": "food",
        "sub_sector": "snacks",
        "started_on": "2017-05-01",
        "production_mode": "to_order",
        "capacity": _capacity(world)[1],
        "channels": [{"kind": "home"}],
        "constraints": [{"kind": "marketing", "severity": 2}],
    }
    return await world.post("business", owner, "/v1/businesses", body, "registry")


def _capacity(world: World) -> tuple[str, dict[str, str]]:
    number = str(world.number())
    return number, {"quantity": number, "unit": "pack", "period": "week"}


async def change(world: World, business: str, version: int) -> Request:
    """A change or a correction, known by the capacity that is entered."""
    mark, capacity = _capacity(world)
    path = f"/v1/businesses/{business}"
    if world.chance(0.5):
        body: dict[str, Any] = {
            "production_mode": world.random.choice(("batch", "continuous")),
            "capacity": capacity,
            "effective_on": "2018-01-01",
        }
        op, path = "production change", f"{path}/production-changes"
    else:
        body = {"reason_code": "typing_error", "reason": "Salah ketik", "capacity": capacity}
        op, path = "correction", f"{path}/corrections"
    return await world.post(op, mark, path, body, "registry", version)


async def correct_a_strangers(world: World) -> None:
    """Two officers at the same business: one of them may come too late."""
    if not world.businesses:
        return
    chosen = world.random.choice(world.businesses)
    status, _, version = await world.caller.get("registry", f"/v1/businesses/{chosen}")
    if status == 200:
        await change(world, chosen, version)


async def observe(world: World, business: str) -> bool:
    """Class, coverage, constraints, baseline and follow-up; whether she may go on to training."""
    path, number = f"/v1/businesses/{business}", world.number()
    if world.chance(0.4):
        reasons = f"Dinilai nomor {number}"
        body: dict[str, Any] = {
            "business_class": world.random.choice(("pemula", "berkembang", "maju")),
            "assessed_on": "2018-02-01",
            "reasons": reasons,
        }
        await world.post("class", reasons, f"{path}/assessments", body, "registry")
    if world.chance(0.3):
        asked = {"asked_on": "2018-02-02", "constraints": [{"kind": "capital", "severity": 1}]}
        mark = f"{business} 2018-02-02"
        await world.post("constraints asked", mark, f"{path}/constraints", asked, "registry")
    if world.chance(0.4):
        await _follow_up(world, business, path)
    guided = world.chance(0.08)
    if guided:
        office = f"dinas-{number}"
        body = {
            "guided": "yes",
            "by_office": office,
            "answered_on": "2018-02-03",
            "source": "letter",
        }
        await world.post("coverage", office, f"{path}/coverage", body, "registry")
    return not guided or world.chance(0.5)


async def _follow_up(world: World, business: str, path: str) -> None:
    """A follow-up without a baseline is refused; each month is entered once."""
    months = (0, 3) if world.chance(0.9) else (3,)
    for month in months:
        body = {
            "month": month,
            "observed_on": f"2018-0{3 + month}-01",
            "income_band": world.random.choice(BANDS),
            "output": {"quantity": str(20 + month), "unit": "pack", "period": "day"},
            "helpers": 0,
        }
        mark = f"{business} {month}"
        told = await world.post("follow-up", mark, f"{path}/follow-ups", body, "registry")
        if told.outcome != "accepted":
            return
