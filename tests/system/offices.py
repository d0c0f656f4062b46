"""What tests of offices' feeds need of a running system: logins, women, and patience."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from deploy.local.stack import LocalStack


def ask(stack: LocalStack, service: str, path: str, body: object = None) -> tuple[int, Any]:
    """Status and body, as a head of section asks."""
    request = urllib.request.Request(  # noqa: S310 - http, ours
        stack.services.url(service) + path,
        None if body is None else json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {stack.services.token('kasi')}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def eventually(look: Callable[[], bool]) -> None:
    """Until it is so: events take their time, and how long is no matter here."""
    deadline = time.monotonic() + 90
    while not look():
        assert time.monotonic() < deadline, "it never became so"
        time.sleep(0.2)


def login(stack: LocalStack, office: str) -> dict[str, Any]:
    """An office's own, as aiokafka names it."""
    return {
        "bootstrap_servers": stack.kafka.bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": f"office-{office}",
        "sasl_plain_password": stack.services.kafka_password(f"office-{office}"),
    }


def woman(nik: str, card: str) -> dict[str, Any]:
    """What is entered of her."""
    return {
        "name": "Kenanga Contoh",
        "nik": nik,
        "birth_date": "1985-05-15",
        "household_number": card,
        "role_in_household": "wife",
        "kelurahan": "36.74.06.1005",
    }


def registered(stack: LocalStack, nik: str, card: str) -> str:
    """A woman's id."""
    status, body = ask(stack, "registry", "/v1/people", woman(nik, card))
    assert status == 201, body
    return str(body["person_id"])


def with_business(stack: LocalStack, person_id: str) -> str:
    """The id of a business of hers."""
    status, body = ask(
        stack,
        "registry",
        "/v1/businesses",
        {
            "owner_id": person_id,
            "kelurahan": "36.74.06.1005",
            "sector": "food",
            "sub_sector": "confectionery",
            "started_on": "2026-01-01",
            "production_mode": "to_order",
            "capacity": {"quantity": "20", "unit": "jar", "period": "day"},
        },
    )
    assert status == 201, body
    return str(body["business_id"])
