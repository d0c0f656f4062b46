"""The published language of the services: facts, topics, areas. Owned by the producer, additive."""

# Importing any part declares every fact: a reader must know all types, not only those it imported.
from shared.contracts import marketing, office_feeds, offices, receipts, registry, training

__all__ = ["marketing", "office_feeds", "offices", "receipts", "registry", "training"]
