"""The whole product as it runs: servers, an api and a worker per service."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.demo import play
from deploy.local.environment import variables
from deploy.local.progress import Progress
from deploy.local.stack import LocalStack
from tests.stack.servers import session_instance


@pytest.fixture(scope="session")
def system() -> Iterator[LocalStack]:
    """One for the session: tests leave it as it was, but for their own rows."""
    yield from _running("system")


@pytest.fixture(scope="session")
def played_system(system: LocalStack) -> LocalStack:
    """The same, after the demo was played in it."""
    play(variables(system), system.instance.folder / "played.json")
    return system


@pytest.fixture
def own_system() -> Iterator[LocalStack]:
    """One for this test, which may break it."""
    yield from _running(uuid.uuid4().hex[:8])


def _running(name: str) -> Iterator[LocalStack]:
    with LocalStack(session_instance(name), Progress(quiet=True)) as stack:
        try:
            stack.up()
            yield stack
        finally:
            stack.down()
            stack.instance.forget()
