"""HTTP as impatient people use it: keys on every POST, retries, and answers that never come."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import aiohttp

from tests.chaos.ledger import Ledger, Request

NOT_ANSWERED = (aiohttp.ClientError, OSError, TimeoutError)
LEAVE = 0.2
"""Share of unanswered requests that nobody sends again."""
HURRY = 0.02
"""Share of tries whose caller hangs up within milliseconds."""
AGAIN = 0.03
"""Share of accepted requests that are sent once more."""
PATIENCE = 15.0
"""Seconds after which somebody who gets no answer stops sending again."""
NOT_YET_PATIENCE = 2.5
"""The same for who is told to come again: others shall go on while one service knows nothing."""
NOT_YET = ("belum-tersedia", "sedang-diproses", "sedang-sibuk", "belum-siap", "terlalu-sering")


@dataclass
class Caller:
    """The three services' APIs, and the book that everything is written into."""

    env: Mapping[str, str]
    ledger: Ledger
    random: random.Random
    closing: bool = False

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20, connect=5))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    def url(self, service: str, path: str) -> str:
        return self.env[f"{service.upper()}_URL"] + path

    async def post(
        self,
        op: str,
        mark: str,
        path: str,
        body: dict[str, Any],
        *,
        service: str,
        if_match: int | None = None,
        role: str = "kasi",
    ) -> Request:
        """Send a wish until it is answered, or leave it unanswered: the ledger knows which."""
        request = self.ledger.open(
            Request(op, mark, str(uuid4()), service, path, body, if_match, role)
        )
        await self.send(request)
        return request

    async def send(self, request: Request) -> None:
        """Bring a request to its end, under its one key."""
        loop = asyncio.get_running_loop()
        begun, pause = loop.time(), 0.1
        answered = sent_well = False
        while not answered:
            request.tries += 1
            status, answer, wait = await self._try(request)
            answered = 200 <= status < 300 or (400 <= status < 500 and not wait)
            sent_well = sent_well or not 400 <= status < 500
            if answered:
                self._take(request, status, answer)
                if status < 300 and self.random.random() < AGAIN:
                    await self._ask_again(request)
                return
            leave = status == 0 and self.random.random() < LEAVE
            patience = NOT_YET_PATIENCE if 400 <= status < 500 else PATIENCE
            if leave or self.closing or loop.time() - begun > patience:
                self.ledger.conclude(request, "unanswered" if sent_well else "refused")
                return
            await asyncio.sleep(self.random.uniform(pause / 2, pause))
            pause = min(pause * 2, 2.0)

    async def _ask_again(self, request: Request) -> None:
        """Send what was accepted once more: the same answer must come."""
        status, answer, again = await self._try(request)
        request.tries += 1
        if status and not again:
            found = (str(next(iter(answer.values()))), _version(answer))
            if found != (request.id, request.version):
                told = (
                    f"{request.op} {request.key}: accepted as {request.id}, then {status} {found}"
                )
                self.ledger.differing.append(told)

    async def get(self, service: str, path: str, **query: str) -> tuple[int, Any, int]:
        """(status, body, version); status 0 when nothing was answered."""
        try:
            async with self._session.get(
                self.url(service, path), params=query, headers=self._bearer("kasi")
            ) as answer:
                tag = answer.headers.get("ETag", "").strip('W/"')
                body = await answer.json(content_type=None)
                return answer.status, body, int(tag) if tag.isdigit() else 0
        except (*NOT_ANSWERED, ValueError):
            return 0, None, 0

    def _bearer(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.env[f'TOKEN_{role.upper()}']}"}

    async def _try(self, request: Request) -> tuple[int, Any, bool]:
        """One try: (status or 0, the answer, whether it asks to come again)."""
        headers = {"Idempotency-Key": request.key, **self._bearer(request.role)}
        if request.if_match is not None:
            headers["If-Match"] = f'"{request.if_match}"'
        hurry = self.random.random() < HURRY
        limit = aiohttp.ClientTimeout(total=self.random.uniform(0.001, 0.02) if hurry else 20)
        try:
            async with self._session.post(
                self.url(request.service, request.path),
                json=request.body,
                headers=headers,
                timeout=limit,
            ) as answer:
                content = await answer.json(content_type=None)
        except (*NOT_ANSWERED, ValueError):
            return 0, None, True
        request.code = _code(content) if answer.status >= 400 else ""
        again = answer.status >= 500 or request.code in NOT_YET
        return answer.status, content, again

    def _take(self, request: Request, status: int, answer: Any) -> None:
        if status >= 400:
            self.ledger.conclude(request, "refused")
            return
        request.id, request.version = str(next(iter(answer.values()))), _version(answer)
        self.ledger.conclude(request, "accepted")


def _version(answer: Any) -> int:
    """What can't change any more has none."""
    return int(answer.get("version", 0))


def _code(problem: Any) -> str:
    if not isinstance(problem, dict):
        return "?"
    return str(problem.get("code", "?"))


async def find(caller: Caller, wanted: int, since: str, until: str = "9999-12-31") -> list[str]:
    """Ids of market events that begin in a time, once so many are known. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while True:
            status, body, _ = await caller.get(
                "marketing", "/v1/market-events", starts_from=since, limit="100"
            )
            if status == 200:
                found = [e["market_event_id"] for e in body["items"] if e["starts_on"] <= until]
                if len(found) >= wanted:
                    return found
            await asyncio.sleep(0.2)
