"""Puts the events of offices that have no Kafka onto their topics, by the owner's own login."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import kafka
from shared.attributes import Header
from shared.logs import log
from shared.settings import KafkaSettings

ANSWER_SECONDS = 10.0
END_SECONDS = 3.0
MOST = 64
"""Events under way at once: more would take the requests of everybody else while Kafka is away."""


class NotTaken(Exception):
    """The broker didn't say in time that it has the event. It may have it all the same."""


class Busy(NotTaken):
    """Too many are under way: this one was not sent."""


class Publisher:
    """One producer of an api process: made when it is first needed, made anew after an error."""

    def __init__(self, service: str, settings: KafkaSettings) -> None:
        self._service, self._settings = service, settings
        self._outgoing: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()
        self._under_way = 0
        self._ending: set[asyncio.Task[None]] = set()

    async def publish(
        self, topic: str, key: bytes, value: bytes, headers: Sequence[Header]
    ) -> None:
        """Return once the broker has it on the disk. Raises NotTaken after ANSWER_SECONDS, Busy."""
        if self._under_way >= MOST:
            raise Busy
        self._under_way += 1
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                outgoing = await self._made()
                try:
                    await outgoing.send_and_wait(topic, value, key=key, headers=headers)
                except BaseException:
                    # Its numbering may have a gap now, and the broker would refuse what follows.
                    self._drop(outgoing)
                    raise
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("not_published", topic=topic, error=type(error).__name__)
            raise NotTaken from error
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        """Stop within seconds, wherever the broker is."""
        if self._outgoing is not None:
            self._drop(self._outgoing)
        if self._ending:
            await asyncio.wait(self._ending)

    async def _made(self) -> AIOKafkaProducer:
        async with self._making:
            if self._outgoing is None:
                fresh = kafka.producer(self._settings, f"{self._service}-api")
                try:
                    await fresh.start()
                except BaseException:
                    self._drop(fresh)
                    raise
                self._outgoing = fresh
            return self._outgoing

    def _drop(self, outgoing: AIOKafkaProducer) -> None:
        """End it behind everybody's back; the next one to publish makes another."""
        if self._outgoing is outgoing:
            self._outgoing = None
        ending = asyncio.create_task(kafka.let_go(outgoing, END_SECONDS), name="end a producer")
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
