"""What takes long is done rarely."""

from shared.worker import sparing


async def test_a_timer_rests_fifty_times_as_long_as_it_worked() -> None:
    now, done = 0.0, list[float]()

    async def count() -> None:
        nonlocal now
        done.append(now)
        now += 1

    timer = sparing(count, lambda: now)
    for now in (0.0, 5.0, 50.0, 51.5, 60.0, 103.0):  # noqa: B007 - the clock
        await timer()
    assert done == [0.0, 51.5, 103.0]
