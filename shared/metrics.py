"""Prometheus metrics: names in base units, no ids in labels.

Rates count what happened in this process. Gauges of rows and ages are set by the worker's timer
from the database, so that they are right after a restart too.
"""

from __future__ import annotations

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LONG = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86400)

http_seconds = Histogram(
    "binaan_http_request_seconds",
    "Time from request to answer, by route template and status",
    ("method", "route", "status"),
    buckets=_SECONDS,
)
http_in_flight = Gauge("binaan_http_requests_in_flight", "Requests being answered now")
http_replayed = Counter("binaan_http_replayed_answers", "POSTs answered from a stored answer")
http_shed = Counter("binaan_http_shed_requests", "Requests refused because too many were running")

events_consumed = Counter(
    "binaan_events_consumed",
    "Events that ended, by outcome (done, duplicate, parked, waiting)",
    ("consumer", "outcome"),
)
batch_seconds = Histogram(
    "binaan_batch_processing_seconds",
    "Time of one batch's transaction",
    ("consumer",),
    buckets=_SECONDS,
)
end_to_end_seconds = Histogram(
    "binaan_event_end_to_end_seconds", "From ce_time to our COMMIT", ("consumer",), buckets=_LONG
)
lag_events = Gauge(
    "binaan_consumer_lag_events", "Events between our position and the end", ("consumer", "topic")
)
oldest_unread_age_seconds = Gauge(
    "binaan_consumer_oldest_unread_age_seconds",
    "Age of the oldest event not read yet",
    ("consumer", "topic"),
)
stopped_partitions = Gauge(
    "binaan_consumer_stopped_partitions", "Partitions stopped by a gap or a bug", ("consumer",)
)
parked_rows = Gauge("binaan_parked_rows", "Events that staff have to settle", ("consumer",))
parked_oldest_age_seconds = Gauge(
    "binaan_parked_oldest_age_seconds", "Age of the oldest parked event", ("consumer",)
)
behind_rows = Gauge(
    "binaan_behind_rows", "Events that queue behind one of their key", ("consumer",)
)
behind_oldest_age_seconds = Gauge(
    "binaan_behind_oldest_age_seconds", "Age of the oldest event that queues", ("consumer",)
)
overdue_rows = Gauge(
    "binaan_overdue_rows", "Open events that waited longer than their deadline", ("consumer",)
)
waiting_rows = Gauge("binaan_waiting_rows", "Events waiting for a referent", ("consumer",))
waiting_oldest_age_seconds = Gauge(
    "binaan_waiting_oldest_age_seconds", "Age of the oldest waiting event", ("consumer",)
)

outbox_pending_rows = Gauge("binaan_outbox_pending_rows", "Events committed and not published yet")
outbox_oldest_age_seconds = Gauge(
    "binaan_outbox_oldest_age_seconds", "Age of the oldest event not published yet"
)
_RELAY = CollectorRegistry()
"""The relay's own: it has a process of its own, and the worker shows them with its others."""
ProcessCollector(namespace="binaan_relay", registry=_RELAY)
relay_published = Counter(
    "binaan_relay_published_events", "Events the broker has acknowledged", registry=_RELAY
)
relay_seconds = Histogram(
    "binaan_relay_commit_to_topic_seconds",
    "From the transaction to the broker's answer",
    buckets=_LONG,
    registry=_RELAY,
)
feed_last_event_seconds = Gauge(
    "binaan_feed_last_event_timestamp_seconds",
    "When a source was last heard on a topic",
    ("topic", "source"),
)


def exposition() -> bytes:
    """All metrics of this process in Prometheus' text format (`CONTENT_TYPE`)."""
    return generate_latest()


def of_relay() -> bytes:
    """Those of the relay in this process, likewise."""
    return generate_latest(_RELAY)
