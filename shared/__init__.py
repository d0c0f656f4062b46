"""Mechanism only: functions that take functions. Business words live in `contracts` alone."""
