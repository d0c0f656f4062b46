"""Runs a program of ours as somebody at a shell would, with a hard end."""

import signal
import subprocess
import sys

from deploy.local.places import CLONE


def run(module: str, *arguments: str, seconds: float) -> tuple[str, int]:
    """What `python -m module …` prints, errors too, and its exit code."""
    running = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=CLONE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGINT)  # it ends what it has started
        output, _ = running.communicate(timeout=60)
    return output, running.returncode
