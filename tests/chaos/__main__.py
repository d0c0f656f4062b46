"""`python -m tests.chaos`: break the running product at random; does it keep its word?"""

import asyncio
import sys

from tests.chaos.options import parse
from tests.chaos.play import play

if __name__ == "__main__":
    sys.exit(asyncio.run(play(parse())))
