"""An API process of the tests' own: `python -m tests.shared.http.program`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from shared import logs
from shared.http.serving import run_api
from shared.settings import load_settings
from tests.shared.http.notes import ROUTES

if __name__ == "__main__":
    settings = load_settings("api")
    logs.configure("registry", settings.log_level)
    uvloop.run(run_api("registry", ROUTES, Path(sys.argv[1]), settings))
