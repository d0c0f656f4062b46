"""Marketing's routes: parse, open the transaction, call, answer."""

from services.marketing.api import market_events, products, stands
from shared.http import Route

ROUTES: tuple[Route, ...] = products.ROUTES + market_events.ROUTES + stands.ROUTES
