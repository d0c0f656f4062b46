"""What the registry keeps of what is reported."""

from services.registry.reactions import figures, outside
from services.registry.reactions.guidance import GUIDANCE
from services.registry.reactions.journey import JOURNEY
from services.registry.reactions.residents import RESIDENTS
from shared.consumers import Consumer

CONSUMERS: tuple[Consumer, ...] = (
    JOURNEY,
    figures.SESSIONS,
    figures.ENROLMENTS,
    figures.CERTIFICATES,
    figures.PRODUCTS,
    figures.STANDS,
    figures.SALES,
    RESIDENTS,
    GUIDANCE,
    outside.LICENCES,
    outside.TRAININGS,
    outside.DECILES,
)
