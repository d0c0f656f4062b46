"""Rules of marketing: pure decisions on values, without I/O and without a clock."""
