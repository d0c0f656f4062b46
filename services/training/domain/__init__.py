"""Rules of training: pure decisions on values, without I/O and without a clock."""
