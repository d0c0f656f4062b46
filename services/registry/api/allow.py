"""Which roles may do what in the registry."""

OFFICERS = frozenset({"kasi", "petugas"})
STAFF = OFFICERS | {"fasilitator"}
READERS = STAFF | {"verifikator", "auditor"}
