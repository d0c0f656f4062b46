"""`python -m tests.system.odd_client`: sends a record whose id has a name that isn't UTF-8.

As a client in C or Go may, and no usual one in Python. Reads login, topic, key, value and headers
as JSON; prints where the record lies. Needs AIOKAFKA_NO_EXTENSIONS, whose Python lets it through.
"""

import asyncio
import json
import sys
from typing import Any

from aiokafka import AIOKafkaProducer


class NotUtf8(str):
    """A name as a client writes it that doesn't look at its bytes."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"ce_\xff"


async def send(what: dict[str, Any]) -> list[Any]:
    headers = [(NotUtf8() if name == "ce_id" else name, t.encode()) for name, t in what["headers"]]
    async with AIOKafkaProducer(**what["login"]) as producer:
        lies = await producer.send_and_wait(
            what["topic"],
            what["value"].encode(),
            key=what["key"].encode(),
            headers=headers,
            partition=0,
        )
    return [lies.topic, lies.partition, lies.offset]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send(json.load(sys.stdin)))))
