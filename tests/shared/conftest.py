"""What the tests of shared/ share."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from shared import logs


@pytest.fixture
def json_logs() -> Iterator[None]:
    """Log lines as a real process writes them, to file descriptor 1, for one test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("registry")
    yield
    logs.write_pending()
    logs._level = logging.CRITICAL
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
