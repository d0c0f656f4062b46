"""A broker that is away longer than a stuck consumer may be: no reason to end the worker."""

import time
from types import SimpleNamespace
from typing import cast

from shared.intake import Intake
from shared.progress import Progress
from shared.watchdog import JOIN_SECONDS, STUCK_SECONDS
from shared.worker import stuck_intake


def stuck(progress: Progress, now: float) -> str:
    writer = SimpleNamespace(consumer=SimpleNamespace(name="things"), moved_at=0.0)
    return stuck_intake(cast("Intake", SimpleNamespace(progress=progress, writer=writer)), now)


def test_lag_while_the_broker_is_away_is_waited_out_and_begins_anew_when_it_is_back() -> None:
    progress = Progress(waiting_for="", lag=5)
    later = time.monotonic() + STUCK_SECONDS + 1
    assert stuck(progress, later) == "things has lag and does not move"
    progress.broker_answers(False)
    assert not stuck(progress, later)
    progress.moved_at = 0.0
    progress.broker_answers(True)
    assert not stuck(progress, time.monotonic() + STUCK_SECONDS - 1)
    assert stuck(progress, later)


def test_a_group_can_not_be_joined_while_the_broker_is_away() -> None:
    progress = Progress(waiting_for="partitions")
    later = time.monotonic() + JOIN_SECONDS + 1
    assert stuck(progress, later) == "things waits for partitions"
    progress.broker_answers(False)
    assert not stuck(progress, later)
