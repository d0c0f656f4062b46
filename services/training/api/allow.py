"""Which roles may do what in training."""

OFFICERS = frozenset({"kasi", "petugas"})
STAFF = OFFICERS | {"fasilitator"}
READERS = STAFF | {"verifikator", "auditor"}
