"""Training's routes: parse, open the transaction, call, answer."""

from services.training.api import enrolments, sessions
from shared.http import Route

ROUTES: tuple[Route, ...] = sessions.ROUTES + enrolments.ROUTES
