"""The registry's routes: parse, open the transaction, call, answer."""

from services.registry.api import businesses, people
from shared.http import Route

ROUTES: tuple[Route, ...] = people.ROUTES + businesses.ROUTES
