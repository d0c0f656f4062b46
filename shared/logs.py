"""JSON log lines with service, event id and correlation id, and never a value of anybody's.

An exception's text may quote what a person typed (Postgres' DETAIL, pydantic's errors), so that
of an exception only its type, SQLSTATE, constraint and the places in the code are written.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TextIO, cast

import orjson
import structlog

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
event_id: ContextVar[str] = ContextVar("event_id", default="")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
"""`log.warning("relay_stopped", slot=3)`: an event name and ids, codes or numbers."""

_ROOT = str(Path(__file__).resolve().parent.parent) + "/"
_FRAMES = 12
_service, _level = "binaan", logging.CRITICAL  # until somebody says where lines go
_pending: list[bytes] = []


def configure(service: str, level: str = "INFO") -> None:
    """Send every log line of this process, the libraries' too, to stdout as JSON."""
    global _service, _level
    _service, _level = service, logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[_complete, _render],
        wrapper_class=structlog.make_filtering_bound_logger(_level),
        logger_factory=structlog.BytesLoggerFactory(file=_out()),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.__stdout__)
    handler.setFormatter(_Foreign())
    logging.basicConfig(handlers=[handler], level=max(_level, logging.INFO), force=True)
    logging.getLogger("aiokafka").setLevel(max(_level, logging.WARNING))
    logging.getLogger("aiohttp.access").disabled = True  # it would write addresses with queries
    sys.excepthook = _last_words
    atexit.register(write_pending)


def request_line(method: str, route: str, status: int, seconds: float, correlation: str) -> None:
    """The line of a request; the same shape as the others, in a third of their time.

    Lines are written together, 50 ms later at most: one system call for many requests.
    """
    if _level > logging.INFO:
        return
    line = {
        "event": "request",
        "level": "info",
        "service": _service,
        "correlation_id": correlation,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "time": datetime.now(UTC),
    }
    _pending.append(orjson.dumps(line))
    if len(_pending) == 1:
        asyncio.get_running_loop().call_later(0.05, write_pending)


def write_pending() -> None:
    """Write the lines of requests that are not written yet."""
    if _pending:
        _out().write(b"\n".join(_pending) + b"\n")
        _pending.clear()
        _out().flush()


def _out() -> BinaryIO:
    # The process's own, whatever a library has put in the place of sys.stdout.
    return cast("TextIO", sys.__stdout__).buffer


def describe(error: BaseException) -> dict[str, Any]:
    """An exception without its values: type, SQLSTATE and constraint, places, causes."""
    told: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    for name in ("sqlstate", "constraint_name", "table_name", "code", "errno"):
        value = getattr(error, name, None)
        if isinstance(value, str | int):
            told[name] = value
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told["at"] = [f"{f.filename.removeprefix(_ROOT)}:{f.lineno} {f.name}" for f in frames]
    if isinstance(error, BaseExceptionGroup):
        told["errors"] = [describe(inner) for inner in error.exceptions]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        told["cause"] = describe(cause)
    return told


def _complete(_: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line["level"] = "error" if method == "exception" else method
    line["service"] = _service
    for name, variable in (("correlation_id", correlation_id), ("event_id", event_id)):
        value = variable.get()
        if value:
            line.setdefault(name, value)
    raised = line.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        line["exception"] = describe(raised)
    for name, value in line.items():
        if isinstance(value, BaseException):
            line[name] = describe(value)
    return line


def _render(_: object, __: str, line: MutableMapping[str, Any]) -> bytes:
    return _json(dict(line))


def _json(line: dict[str, Any]) -> bytes:
    line["time"] = datetime.now(UTC)
    return orjson.dumps(line, default=_unknown, option=orjson.OPT_NON_STR_KEYS)


def _unknown(value: object) -> str:
    """A value that JSON doesn't know. Its text could be anybody's; its type can't."""
    return f"<{type(value).__name__}>"


class _Foreign(logging.Formatter):
    """The libraries' log records: first line only, exceptions by type, wherever they stand."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, tuple):
            record.args = tuple(
                f"<{type(a).__name__}>" if isinstance(a, BaseException) else a for a in record.args
            )
        line: dict[str, Any] = {
            "event": record.getMessage().partition("\n")[0],
            "logger": record.name,
        }
        if record.exc_info:
            line["exc_info"] = record.exc_info
        complete = dict(_complete(None, record.levelname.lower(), line))
        return _json(complete).decode()


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("died", exc_info=error)
