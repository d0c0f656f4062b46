"""Everything that marketing can be asked: SQL to frozen views, no domain object between."""
