"""Which roles may do what in marketing."""

OFFICERS = frozenset({"kasi", "petugas"})
STAFF = OFFICERS | {"fasilitator"}
READERS = STAFF | {"verifikator", "auditor"}
