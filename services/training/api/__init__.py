"""Training's routes: parse, open the transaction, call, answer."""

from services.training.api import (
    activities,
    certificates,
    enrolments,
    headcounts,
    histories,
    sessions,
)
from shared.http import Route

ROUTES: tuple[Route, ...] = (
    activities.ROUTES
    + sessions.ROUTES
    + enrolments.ROUTES
    + headcounts.ROUTES
    + certificates.ROUTES
    + histories.ROUTES
)
