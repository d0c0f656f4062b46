"""Marketing's routes: parse, open the transaction, call, answer."""

from services.marketing.api import brands, market_events, products, sales, stands, support
from shared.http import Route

ROUTES: tuple[Route, ...] = (
    products.ROUTES
    + brands.ROUTES
    + market_events.ROUTES
    + stands.ROUTES
    + support.ROUTES
    + stands.GIVING_BACK
    + sales.ROUTES
)
