"""The broker's settings, from the one file that every way of running it reads."""

from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "kafka"
LOGGING = FOLDER / "log4j2.properties"


def properties(*, broker: str, controller: str, port: int, controller_port: int, data: str) -> str:
    """server.properties for a broker on this machine's loopback.

    `broker` and `controller` are the passwords of these two logins, `data` the data folder.
    """
    return Template((FOLDER / "server.properties").read_text()).substitute(
        host="127.0.0.1",
        advertised=f"127.0.0.1:{port}",
        port=port,
        controller_port=controller_port,
        data=data,
        broker=broker,
        controller=controller,
    )
