"""A new secret key comes first, the old one stays a while: nobody is registered twice meanwhile."""

import base64
import json

import pytest

from services.registry import seals
from shared.privacy import Unreadable
from shared.resealing import PARKED, reseal
from tests.registry.people import nik, registered_woman, woman
from tests.training.doors import Doors


def use(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Restart with these keys, the first of them current."""
    keys = [f"{name}:{base64.b64encode(name.encode() * 32).decode()}" for name in names]
    monkeypatch.setenv("BINAAN_SECRET_KEYS", ",".join(keys))
    seals.keys.cache_clear()


async def test_a_nik_under_the_old_key_is_still_taken_under_the_new_one(
    registry: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "a")
    person_id = await registered_woman(registry)
    use(monkeypatch, "b", "a")
    again = await registry.post("/v1/people", woman())
    assert (again.status, again.code) == (409, "nik-sudah-terdaftar")
    assert str(person_id) in again.body["detail"]
    assert (await registry.get(f"/v1/people/{person_id}")).body["nik"].endswith("0001")


async def test_a_family_card_under_the_old_key_is_the_same_household(
    registry: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "a")
    await registered_woman(registry)
    use(monkeypatch, "b", "a")
    await registered_woman(registry, nik=nik(2))
    assert await registry.count("household") == 1


async def test_without_its_key_a_nik_is_not_shown_and_nothing_is_said(
    registry: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "a")
    person_id = await registered_woman(registry)
    use(monkeypatch, "b")
    [row] = await registry.rows("select identity from person")
    with pytest.raises(Unreadable):
        seals.open_identity(row["identity"], person_id)
    reply = await registry.get(f"/v1/people/{person_id}")
    assert reply.status == 500
    assert "Rahayu" not in json.dumps(reply.body)


async def resealed(registry: Doors) -> int:
    """What `registry reseal` does; how many rows it wrote."""
    every = (PARKED, *seals.SEALED)
    return sum([await reseal(registry.db.pool, seals.keys(), rows) for rows in every])


async def test_after_a_reseal_the_old_key_can_go(
    registry: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "a")
    person_id = await registered_woman(registry)
    before = (await registry.get(f"/v1/people/{person_id}")).body
    use(monkeypatch, "b", "a")
    assert await resealed(registry) == 2  # her household and herself
    assert await resealed(registry) == 0
    use(monkeypatch, "b")
    assert (await registry.get(f"/v1/people/{person_id}")).body == before
    again = await registry.post("/v1/people", woman())
    assert again.code == "nik-sudah-terdaftar"
    await registered_woman(registry, nik=nik(2))
    assert await registry.count("household") == 1


async def test_what_lay_in_clear_before_is_shown_and_a_reseal_seals_it(registry: Doors) -> None:
    person_id = await registered_woman(registry)
    before = (await registry.get(f"/v1/people/{person_id}")).body
    await registry.db.pool.execute(
        """
        update person set private = null, name = 'Rahayu Contoh', birth_date = '1985-05-15',
                          phone = '081200000000'
        """
    )
    assert (await registry.get(f"/v1/people/{person_id}")).body == before
    assert await resealed(registry) == 1
    [row] = await registry.rows("select name, birth_date, phone from person")
    assert list(row.values()) == [None, None, None]
    assert (await registry.get(f"/v1/people/{person_id}")).body == before


async def test_a_reseal_without_the_old_key_changes_nothing(
    registry: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, "a")
    await registered_woman(registry)
    use(monkeypatch, "b")
    with pytest.raises(Unreadable):
        await resealed(registry)
    use(monkeypatch, "a")
    assert await resealed(registry) == 0
