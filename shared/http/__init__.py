"""HTTP for the services: a table of routes in, an aiohttp application out."""

from shared.http.pages import Page
from shared.http.types import (
    Answer,
    Call,
    Example,
    Reach,
    Route,
    reach_anywhere,
    reach_by_answer,
    reach_by_body,
    reach_by_filter,
    reach_by_row,
)

__all__ = [
    "Answer",
    "Call",
    "Example",
    "Page",
    "Reach",
    "Route",
    "reach_anywhere",
    "reach_by_answer",
    "reach_by_body",
    "reach_by_filter",
    "reach_by_row",
]
