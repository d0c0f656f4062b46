"""What the views of the registry share."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.db import Connection


class View(BaseModel):
    """An answer: frozen."""

    model_config = ConfigDict(frozen=True)


async def known(conn: Connection, business_id: UUID) -> bool:
    """Whether the registry has the business."""
    return bool(
        await conn.fetchval("select true from business where business_id = $1", business_id)
    )
