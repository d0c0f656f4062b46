"""An ordinary HTTP client of the three services: tokens, idempotency keys, patience."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import NAMESPACE_URL, uuid5

import aiohttp

PATIENCE = 60  # tries; a second service learns of a new id within moments
Json = dict[str, Any]


class Refused(Exception):
    """The service said no: `code` for programs, the message for people."""

    def __init__(self, status: int, problem: Json) -> None:
        errors = problem.get("errors") or [problem]
        self.status, self.problem = status, problem
        self.code = str(errors[0].get("code", problem.get("type", "")))
        self.detail = str(errors[0].get("detail") or problem.get("detail") or problem.get("title"))
        self.needed: list[Json] = problem.get("needed") or []
        super().__init__(f"{status} {self.code}: {self.detail}")

    @property
    def passing(self) -> bool:
        """Whether to ask again in a moment: not known here yet, or not able to answer now."""
        return self.code == "belum-tersedia" or self.status == 503


def tokens_of(env: Mapping[str, str]) -> dict[str, str]:
    """The token of each role, in the order in which `make env` prints them."""
    named = (
        (name.removeprefix("TOKEN_"), token)
        for name, token in env.items()
        if name.startswith("TOKEN_")
    )
    return {role.lower(): token for role, token in named}


@dataclass(frozen=True)
class Given:
    """An answer's body and its version."""

    body: Json
    version: int | None


class Client:
    """Calls the services by their public routes, each call as one of the demo's people."""

    def __init__(self, addresses: Mapping[str, str], tokens: Mapping[str, str]) -> None:
        self._addresses, self._tokens = addresses, tokens
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(
        self, service: str, path: str, role: str = "kasi", *, language: str = "en", **query: str
    ) -> Given:
        """Raises Refused."""
        url, told = f"{self._addresses[service]}{path}", {"Accept-Language": language}
        return (await self._ask("GET", url, role, query, headers=told))[0]

    async def pages(self, service: str, path: str, role: str = "kasi") -> AsyncIterator[Json]:
        """Every item of a list, page after page."""
        url: str | None = f"{self._addresses[service]}{path}"
        query: Mapping[str, str] = {"limit": "100"}
        while url:
            given, url = await self._ask("GET", url, role, query)
            query = {}
            for item in given.body["items"]:
                yield item

    async def post(
        self,
        service: str,
        path: str,
        body: Json,
        *,
        role: str = "kasi",
        name: str,
        version: int | None = None,
    ) -> Given:
        """Tells a service something; the same `name` again is the same wish. Raises Refused.

        Waits while the service doesn't know a new id yet.
        """
        headers = {"Idempotency-Key": str(uuid5(NAMESPACE_URL, f"urn:binaan:demo:{name}"))}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        for patience in range(PATIENCE, -1, -1):
            url = f"{self._addresses[service]}{path}"
            try:
                return (await self._ask("POST", url, role, {}, body, headers))[0]
            except Refused as refused:
                if not refused.passing or not patience:
                    raise
                await asyncio.sleep(1)
        raise AssertionError

    async def publish(self, service: str, event: Json, token: str) -> None:
        """Sends a CloudEvent as the office that the token is of. Raises Refused.

        Its source and id are what makes sending it twice one event.
        """
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/cloudevents+json",
        }
        url = f"{self._addresses[service]}/v1/events"
        for patience in range(PATIENCE, -1, -1):
            sent = self._session.post(url, data=json.dumps(event), headers=headers)
            async with sent as answer:
                if answer.status < 400:
                    return
                refused = Refused(answer.status, await answer.json(content_type=None))
            if not refused.passing or not patience:
                raise refused
            await asyncio.sleep(1)

    async def _ask(
        self,
        method: str,
        url: str,
        role: str,
        query: Mapping[str, str],
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Given, str | None]:
        told = {"Authorization": f"Bearer {self._tokens[role]}", "Accept-Language": "en"}
        asked = self._session.request(
            method, url, params=query, json=body, headers={**told, **(headers or {})}
        )
        async with asked as answer:
            content = await answer.json(content_type=None)
            if answer.status >= 400:
                raise Refused(answer.status, content)
            tag = answer.headers.get("ETag", "").strip('W/"')
            following = answer.links.get("next")
            after = str(following["url"]) if following else None
            return Given(content, int(tag) if tag.isdigit() else None), after
