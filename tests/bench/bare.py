"""The least that answers the same requests: aiohttp, asyncpg, uvloop, a pool, and nothing else.

`python -m tests.bench.bare PORT`, the database in BARE_DATABASE_URL. No auth, logs or metrics; it
parses JSON and does the same writes in one transaction, or the same read.
"""

import os
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import orjson
import uvloop
from aiohttp import web

from shared.db import make_pool
from shared.ids import slot_of, uuid7

POOL = 16
_POOL = web.AppKey("pool", asyncpg.Pool)
_READ = "select * from business where business_id = $1"
_BUSINESS = """
insert into business (business_id, owner_id, kelurahan, sector, sub_sector, kbli_code, kbli_version,
                      started_on, production_mode, capacity_quantity, capacity_unit,
                      capacity_period, channels, constraints, production_since, version,
                      recorded_at, recorded_by)
values ($1, $2, $3, $4, $5, null, null, $6, $7, $8, $9, $10, $11, $12, $6, 1, $13, 'bare')
"""
_JOURNAL = """
insert into journal (event_id, topic, key, sequence, type, time, correlation_id, body)
values ($1, 'registry.business', $2, 1, 'id.binaan.registry.business.registered.v1', $3, $4, $5)
"""
_OUTBOX = "insert into outbox (slot, event_id) values ($1, $2)"
_ANSWERED = """
insert into idempotency (scope, request, body, version, location) values ($1, $2, $3, 1, $4)
on conflict do nothing
"""


def _plain(value: object) -> str:
    return str(value)


async def get_business(request: web.Request) -> web.Response:
    async with request.app[_POOL].acquire() as conn:
        row = await conn.fetchrow(_READ, UUID(request.match_info["id"]))
    if row is None:
        raise web.HTTPNotFound
    view = dict(row)
    view["channels"] = orjson.loads(view["channels"])
    view["constraints"] = orjson.loads(view["constraints"])
    return web.Response(body=orjson.dumps(view, default=_plain), content_type="application/json")


async def post_business(request: web.Request) -> web.Response:
    body = orjson.loads(await request.read())
    business, event, now = uuid7(), uuid7(), datetime.now(UTC)
    capacity = body["capacity"]
    answer = orjson.dumps({"business_id": str(business), "version": 1})
    async with request.app[_POOL].acquire() as conn, conn.transaction():
        key = request.headers["Idempotency-Key"].encode()
        await conn.execute(_ANSWERED, key, key, answer, f"/v1/businesses/{business}")
        await conn.execute(
            _BUSINESS,
            business,
            UUID(body["owner_id"]),
            body["kelurahan"],
            body["sector"],
            body["sub_sector"],
            date.fromisoformat(body["started_on"]),
            body["production_mode"],
            Decimal(capacity["quantity"]),
            capacity["unit"],
            capacity["period"],
            orjson.dumps(body["channels"]).decode(),
            orjson.dumps(body["constraints"]).decode(),
            now,
        )
        told = orjson.dumps({**body, "business_id": str(business), "occurred_on": now.date()})
        await conn.execute(_JOURNAL, event, str(business), now, str(event), told)
        await conn.execute(_OUTBOX, slot_of(str(business)), event)
    return web.Response(status=201, body=answer, content_type="application/json")


async def main(port: int) -> None:
    pool = await make_pool(os.environ["BARE_DATABASE_URL"], "bare", POOL)
    app = web.Application()
    app[_POOL] = pool
    app.router.add_get("/v1/businesses/{id}", get_business)
    app.router.add_post("/v1/businesses", post_business)
    await web._run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
