"""Mechanism only: functions that take functions. Business words live in contracts alone.

What the services agree on
    `contracts`: events, topics, areas, examples. `consumers`: the two ways to read them.
From a transaction to the topic
    `db`, `outbox` and `ids`; `relay` in its own `relay_process`.
From the topic to a transaction
    `kafka` and `odd_batches` bring records; `cloudevents`, `attributes`, `strict_json` read them;
    `intake` takes them from where `placing` says; `batch` brings each to its end, and `inbox` and
    `arrays` write it down; `trouble` sorts what goes wrong; `progress` tells how it goes.
What can't go on
    `parked`: events that wait, or that staff settle.
Copies of what others told
    `generations`, `rebuild`.
Other offices
    `feeds` (are they heard?), `receipts`, `trial`, `checking` before sending, `publisher` for who
    has no Kafka, `forgetting` of what names people.
Doors
    `http` and `auth`; `cli` for operators; `actor`: who acts, `errors`: a "no" and why.
Processes
    `worker` in the frame of `stream`, its clock's `housekeeping`, the `watchdog`, `lost` servers.
Set up once
    `migrate` with `migrations`, `topics`; `resealing` after a new secret key.
For all of them
    `settings`, `logs`, `metrics`, `privacy`.
"""
