"""What an error means for the batch in hand: wait, try again, find the bad event, or stop."""

from typing import Literal

from shared.errors import Refusal
from shared.inbox import FENCED, ID_REUSED
from shared.lost import LOST

Meaning = Literal["down", "again", "fenced", "unsure", "bad", "bug", "unexpected"]
"""down: the world is away; keep trying without end.
again: lost a race; try at once.
fenced: the position isn't where we left it; read it again.
unsure: may be the event's fault; alone and three times, then parked.
bad: the event's fault; alone, then parked.
bug: our SQL is wrong; stop the topic.
unexpected: anything else; alone and three times, then parked, and counted."""

_AGAIN = ("40001", "40P01", "55P03")
_DOWN_CLASSES = ("08", "53")
_DOWN = ("57P01", "57P02", "57P03", "57P05", "25006", "25P03")
_UNSURE = ("57014", "21000", "23505", "23503")


def meaning_of(error: BaseException) -> Meaning:
    """Sort an error by SQLSTATE, or by type where there is none."""
    if isinstance(error, Refusal):
        return "bad"
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _of_state(state)
    if isinstance(error, (EOFError, *LOST)):
        return "down"
    return "unexpected"


def _of_state(state: str) -> Meaning:
    if state == FENCED:
        return "fenced"
    if state in _AGAIN:
        return "again"
    if state in _DOWN or state[:2] in _DOWN_CLASSES:
        return "down"
    if state in _UNSURE or state[:2] == "54":
        return "unsure"
    if state == ID_REUSED or state[:2] in ("22", "23"):
        return "bad"
    if state[:2] == "42":
        return "bug"
    return "unexpected"
