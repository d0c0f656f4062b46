"""The registry's routes: parse, open the transaction, call, answer."""

from services.registry.api import businesses, indicators, journeys, observations, people, programme
from shared.http import Route

ROUTES: tuple[Route, ...] = (
    people.ROUTES
    + businesses.ROUTES
    + observations.ROUTES
    + journeys.ROUTES
    + programme.ROUTES
    + indicators.ROUTES
)
