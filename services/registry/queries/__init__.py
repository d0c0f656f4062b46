"""Everything that the registry can be asked: SQL to frozen views."""
