"""Everything that training can be asked: SQL to frozen views, no domain object between."""
