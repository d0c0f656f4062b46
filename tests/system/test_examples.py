"""After `make demo`, every route's page has an example that runs as shown with a demo token."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from deploy.local import environment
from deploy.local.stack import LocalStack
from deploy.roles import SERVICES

pytestmark = pytest.mark.slow


@pytest.fixture
def env(played_system: LocalStack) -> dict[str, str]:
    """What `make env` prints, after the demo was played."""
    return environment.variables(played_system)


def ask(
    url: str, method: str = "GET", body: object = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def examples(url: str) -> Iterator[tuple[str, str, int, dict[str, Any]]]:
    """Each route with its example as the page shows it at that moment."""
    paths = ask(f"{url}/openapi.json")[1]["paths"]
    for path, methods in paths.items():
        for method in methods:
            shown = ask(f"{url}/openapi.json")[1]["paths"][path][method]
            yield method.upper(), path, int(min(shown["responses"])), shown["x-example"]


def token_of(env: dict[str, str], example: dict[str, Any]) -> str:
    """Of a role; of a dinas, that of the example's office."""
    if office := example.get("office"):
        return env[f"OFFICE_{re.sub('[.-]', '_', office).upper()}_TOKEN"]
    return env[f"TOKEN_{example['role'].upper()}"]


def test_every_example_runs_as_shown(env: dict[str, str]) -> None:
    for service in SERVICES:
        url = env[f"{service.upper()}_URL"]
        for method, path, expected, example in examples(url):
            assert not re.search(r"\{\w+\}", json.dumps(example)), (service, path, example)
            headers = {"Authorization": f"Bearer {token_of(env, example)}"}
            if method == "POST" and path != "/v1/events":
                headers["Idempotency-Key"] = str(uuid4())
            if example["body"] is not None:
                headers["Content-Type"] = example["content_type"]
            if example["if_match"] is not None:
                headers["If-Match"] = example["if_match"]
            answer = ask(url + example["path"], method, example["body"], **headers)
            assert answer[0] == expected, (service, method, path, answer)
