"""The acts in their order: register, train, bring to market, see whether the family earns more.

At the end two offices leave something for staff to settle.
"""

from collections.abc import Mapping

from deploy.local.demo import following, invented, learning, market, registering, unclear
from deploy.local.demo.client import Json
from deploy.local.demo.steps import Steps


async def play(steps: Steps, env: Mapping[str, str]) -> Json:
    """The ids that the summary asks about."""
    businesses = await registering.play(steps)
    training = await learning.play(steps, businesses)
    products = await market.change(steps, businesses)
    fair = await market.visit(steps, products, env)
    await following.play(steps, businesses)
    await unclear.play(steps, env)
    return {
        "business": businesses[invented.CHOCOLATE_MAKER],
        "cohort": training.cohort,
        "session": training.session,
        "product": products[0],
        **fair,
    }
