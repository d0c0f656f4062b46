"""Another city's trade office: it publishes on Kafka with its own login, with its own program."""

import json
import ssl
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer

TOPIC = "office.32.71-perdagangan.market-event"
SOURCE = "urn:binaan:32.71:perdagangan"
TYPE = "id.go.kotabogor.perdagangan.market-event.announced.v1"
NAME = "Pameran Produk Rumahan Bogor (contoh)"
STANDS = 5


def announcement(today: date) -> dict[str, Any]:
    """An invented fair in a month's time."""
    return _fair(today, today + timedelta(days=30))


def _fair(told: date, starts: date) -> dict[str, Any]:
    return {
        "occurred_on": told.isoformat(),
        "event_ref": f"BGR-CONTOH-{starts:%Y%m%d}",
        "name": NAME,
        "host_city": "32.71",
        "place": "Lapangan Sempur, Kota Bogor",
        "starts_on": starts.isoformat(),
        "ends_on": (starts + timedelta(days=1)).isoformat(),
        "stands": STANDS,
        "time_zone": "Asia/Jakarta",
    }


FAIR = _fair(date(2017, 9, 4), date(2017, 10, 14))  # the one that the demo's women go to


async def announce(env: Mapping[str, str], fact: Mapping[str, Any]) -> str:
    """Publishes a CloudEvent in Kafka's binary mode; the event's id."""
    subject = str(fact["event_ref"])
    event = f"{subject}-1"
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event,
        "ce_source": SOURCE,
        "ce_type": TYPE,
        "ce_subject": subject,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_partitionkey": subject,
        "ce_sequence": f"{1:020}",
        "content-type": "application/json",
    }
    tls = env["KAFKA_SECURITY"] == "SASL_SSL"
    producer = AIOKafkaProducer(
        bootstrap_servers=env["KAFKA_BOOTSTRAP"],
        ssl_context=ssl.create_default_context(cafile=env.get("KAFKA_CA_FILE")) if tls else None,
        security_protocol=env["KAFKA_SECURITY"],
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=env["OFFICE_32_71_PERDAGANGAN_USERNAME"],
        sasl_plain_password=env["OFFICE_32_71_PERDAGANGAN_PASSWORD"],
        acks="all",
        enable_idempotence=True,
    )
    async with producer:
        await producer.send_and_wait(
            TOPIC,
            json.dumps(fact).encode(),
            key=subject.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
    return event
