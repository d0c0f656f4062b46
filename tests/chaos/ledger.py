"""The program's own book: what it asked for and was answered, what it sent and was acked."""

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from tests.chaos.observe import OFFICE

Outcome = Literal["open", "accepted", "refused", "unanswered"]
Fate = Literal["good", "reused", "broken"]
"""What an office's record is: as it should be, an id that another content has, not as agreed."""


@dataclass(slots=True)
class Request:
    """One wish, under one Idempotency-Key, however often it was sent.

    `mark` is what its effect is known by in the product's tables (a name, an owner, a version).
    """

    op: str
    mark: str
    key: str
    service: str
    path: str
    body: dict[str, Any]
    if_match: int | None = None
    role: str = "kasi"
    outcome: Outcome = "open"
    tries: int = 0
    code: str = ""
    id: str = ""
    version: int = 0


@dataclass(slots=True)
class Sent:
    """One record that an office produced. Not acked: it is there once or not at all."""

    id: str
    topic: str
    ref: str
    sequence: int
    kind: str
    content: str
    """A digest of its body."""
    fate: Fate = "good"
    acked: bool = False
    copies: int = 0


@dataclass
class Ledger:
    """Everything is kept in memory, and each conclusion is a line of the file too."""

    path: Path
    requests: list[Request] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    """Answers to a repeated request that were not the first one's."""
    unmarked: set[str] = field(default_factory=set)
    """Events that a relay had published and not marked when it was killed."""
    events: int = 0
    """Facts that this program has caused: one an accepted request, one an acked record of the
    trade office. What the civil registry tells comes on top."""

    def __post_init__(self) -> None:
        self._file = self.path.open("w")

    def open(self, request: Request) -> Request:
        self.requests.append(request)
        return request

    def conclude(self, request: Request, outcome: Outcome) -> None:
        """The end of a request: what its caller knows for good."""
        request.outcome = outcome
        self.events += outcome == "accepted"
        self._write("request", asdict(request))

    def tells(self, sent: Sent) -> Sent:
        """A record that is about to be sent."""
        self.sent.append(sent)
        return sent

    def acked(self, sent: Sent) -> None:
        """The broker has it, once or more often."""
        self.events += not sent.acked and sent.topic == OFFICE
        sent.acked = True
        self._write("sent", asdict(sent))

    def note(self, **what: Any) -> None:
        """Anything else that helps who looks for the cause: faults, times, findings."""
        self._write("note", what)

    def under_way(self, service: str) -> int:
        """Requests that were sent and have no answer yet."""
        recent = self.requests[-2000:]
        return sum(r.outcome == "open" and r.service == service for r in recent)

    def outcomes(self) -> Counter[str]:
        return Counter(r.outcome for r in self.requests)

    def close(self) -> None:
        self._file.close()

    def _write(self, kind: str, what: dict[str, Any]) -> None:
        line = {"is": kind, "at": round(time.time(), 3), **what}
        self._file.write(json.dumps(line, default=str) + "\n")
        self._file.flush()


def content_of(body: bytes) -> str:
    """What tells a record from another one under the same id."""
    return sha256(body).hexdigest()[:16]
