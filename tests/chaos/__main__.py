"""`python -m tests.chaos`: break the running product at random; does it keep its word?"""

import asyncio
import signal
import sys

from tests.chaos.options import parse
from tests.chaos.play import play


async def main() -> int:
    """The run; ended early, it still ends what it has started."""
    run = asyncio.ensure_future(play(parse()))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, run.cancel)
    return await run


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except asyncio.CancelledError:
        sys.exit("Stopped; nothing was left running.")
