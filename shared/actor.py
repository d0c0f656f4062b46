"""Who acts: a person with roles and an area, an office, or a service itself."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = frozenset({"kasi", "petugas", "fasilitator", "verifikator", "auditor", "operator", "dinas"})
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """`areas` are Kemendagri codes of any level ("36.74", "36.74.01.1001"), or "*" for all."""

    subject: str
    roles: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    office: str | None = None

    def reaches(self, kelurahan: str) -> bool:
        """Whether the code lies in one of the actor's areas; "36.7" does not contain "36.74"."""
        return any(
            area in (EVERYWHERE, kelurahan) or kelurahan.startswith(area + ".")
            for area in self.areas
        )

    def patterns(self) -> list[str]:
        """The same as `reaches` for SQL: `where kelurahan like any ($1::text[])`."""
        if EVERYWHERE in self.areas:
            return ["%"]
        return [pattern for area in self.areas for pattern in (area, area + ".%")]


def service_actor(service: str) -> Actor:
    """The service itself, for what it does on the facts of others."""
    return Actor(subject=f"service:{service}", areas=(EVERYWHERE,))
