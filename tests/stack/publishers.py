"""Programs that a page tells its reader to use: what needs one is left out where it isn't there.

It is then said in one line. With PUBLISHERS=required (as in CI) leaving it out is an error.
"""

import os
import shutil

import pytest

MISSING = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)  # after -m: what wasn't asked for isn't left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes out what can't be run; raises where it has to be run."""
    without = {
        item: [name for mark in item.iter_markers("program") for name in mark.args if not
               shutil.which(name)]
        for item in items
    }  # fmt: skip
    left_out = [item for item in items if without[item]]
    if not left_out:
        return
    names = sorted({name for item in left_out for name in without[item]})
    if os.environ.get("PUBLISHERS") == "required":
        raise pytest.UsageError(f"{len(left_out)} tests of publishers need {', '.join(names)}")
    config.stash[MISSING] = names
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The one line."""
    if names := config.stash.get(MISSING, []):
        told = f"left out: the publishers with {', '.join(names)}: not installed"
        terminalreporter.write_line(told)
