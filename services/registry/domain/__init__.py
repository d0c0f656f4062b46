"""The registry's rules: values and functions. No I/O and no clock: dates come in as arguments."""
