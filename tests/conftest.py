"""What every test may ask for (the code is in tests/stack/).

Servers, once a session, started only when a test asks for them:
  postgres     the superuser's URL
  kafka        the administrator's KafkaLogin (`.bootstrap .username .password .security`,
               `.aiokafka()` and `.confluent()` give the client's settings)
  stack        both: `.postgres`, `.kafka`
  catalogue    the topics of shared/contracts/topics.py with their logins and permissions:
               {"registry": KafkaLogin, "office-32.71-perdagangan": KafkaLogin, …}

Fresh for each test:
  database     an empty, migrated database: `.url` (superuser), `.owner("registry")`,
               `.app("registry")`
  new_database another one, as often as it is called
  bare_database  the same without migrations (schemas and logins only)
  kafka_admin  confluent-kafka's AdminClient
  topic        a fresh topic of four partitions; new_topic(partitions=1, **config) makes more
  new_login    new_login(read=[topic], write=[topic], groups=["prefix"]) -> KafkaLogin with just
               these permissions

The whole product as processes (a LocalStack, deploy/local/stack.py):
  system       once a session, for tests that leave it as it was
  played_system  the same, after the demo was played in it
  own_system   of this test alone, for tests that break it: `.kill("registry-worker")`,
               `.restart("kafka")`, `.freeze(…)`; a session's second costs about ten seconds

The product in containers, as operators run it (tests/stack/composed.py, marker `engine`):
  composed     once a module; left out in one line where no Docker engine answers

DATABASE_URL and KAFKA_BOOTSTRAP (KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_SECURITY) point to servers
that are there already; STACK=containers asks Docker; otherwise the session starts its own.
"""

import gc

import pytest
from hypothesis import settings

settings.register_profile("fast", max_examples=15)  # `make fast`; the whole suite tries a hundred

pytest_plugins = [
    f"tests.stack.{module}"
    for module in ("engine", "publishers", "servers", "databases", "topics", "system", "composed")
]

gc.disable()  # until all is imported: thousands of objects come, and none goes

SERVER_FIXTURES = {"postgres", "kafka", "local", "system", "own_system"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that asks for a server, so that `make fast` leaves it out."""
    for item in items:
        if SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


def pytest_collection_finish() -> None:
    """From here on garbage is collected as usual, but for what stays until the end anyway."""
    gc.freeze()
    gc.enable()
