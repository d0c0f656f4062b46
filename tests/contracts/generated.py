"""Every generated file as the code makes it now: made once, for it takes a while."""

from functools import cache

from shared.contracts import generate

made = cache(generate.texts)
