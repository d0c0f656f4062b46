"""`python -m deploy.local …`: what the Makefile calls."""

import os
import signal
import sys
from types import FrameType

import typer

from deploy.local import environment
from deploy.local.bootstrap import Stop
from deploy.local.places import Instance, home, packages_loaded
from deploy.local.progress import Progress, console
from deploy.local.stack import LocalStack

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
INSTANCE = os.environ.get("BINAAN_INSTANCE", "demo")


def _stack(quiet: bool = False) -> LocalStack:
    return LocalStack(Instance(INSTANCE), Progress(quiet))


@app.command()
def up() -> None:
    """Start PostgreSQL, Kafka and the three services; they stay up."""
    stack = _stack()
    stack.up()
    console.print(f"Up in {stack.progress.total:.0f} s. `make env` prints how to reach it.")


@app.command()
def demo() -> None:
    """Start everything and play the chain through the public interfaces."""
    from deploy.local import funnel
    from deploy.local.demo import play

    stack = _stack()
    stack.up()
    kept = stack.instance.folder
    try:
        took = play(
            environment.variables(stack),
            kept / "played.json",
            lambda figures: funnel.write(figures, kept),
        )
    except KeyboardInterrupt:
        raise Stop("Stopped; the services stay up, and `make down` ends them.") from None
    _tell_times(stack.progress, took)


@app.command()
def down() -> None:
    """End every process of the demo; its data stays."""
    stack = _stack()
    if not stack.instance.exists:
        console.print("Nothing is running.")
        return
    names = stack.processes.running()
    stack.down()
    console.print(f"{len(names)} processes ended." if names else "Nothing was running.")


@app.command()
def clean() -> None:
    """End everything and forget the demo's data, logs and secrets."""
    stack = _stack()
    if stack.instance.exists:
        stack.down()
        stack.instance.forget()
    console.print(f"Forgotten. Downloads stay in {home()}")


@app.command()
def env() -> None:
    """Print `export` lines of everything that is running."""
    print(environment.exports(_stack()))


@app.command()
def trace(event: str) -> None:
    """Print one event's walk through all services."""
    from deploy.local import trace as walk

    walk.show(_stack(), event)


@app.command()
def status() -> None:
    """Print what is running, and where its log is."""
    stack = _stack()
    for name in stack.processes.running() if stack.instance.exists else []:
        console.print(f"{name:18} {stack.instance.log(name)}")


@app.command()
def token(role: str, areas: str = "36.74", office: str | None = None) -> None:
    """Print a bearer token: kasi, petugas, fasilitator, verifikator, auditor, operator, dinas.

    A dinas needs the name of its office, such as 36.74-dukcapil. Areas are codes of kecamatan or
    kelurahan, with commas between them; without any it is the whole city.
    """
    from shared.contracts.areas import AREAS, CITY

    known = {CITY, "*", *AREAS, *(area.kecamatan_code for area in AREAS.values())}
    unknown = [code for code in areas.split(",") if code not in known]
    if unknown:
        codes = "shared/contracts/areas.csv has the codes of kelurahan and kecamatan"
        raise Stop(f"No area here has the code {', '.join(unknown)}: {codes}.")
    print(_stack().services.token(role, areas, office=office))


@app.command()
def read(topic: str, count: int = 10) -> None:
    """Print the newest events of a topic, as they lie there."""
    from deploy.local import wire

    wire.read(environment.variables(_stack()), topic, count)


@app.command()
def announce(name: str, stands: int = 5) -> None:
    """Announce a fair as the trade office of Kota Bogor would, over Kafka."""
    from deploy.local import wire

    wire.announce(environment.variables(_stack()), name, stands)


def _tell_times(progress: Progress, acts: dict[str, float]) -> None:
    console.print()
    for act, seconds in acts.items():
        console.print(f"[dim]{seconds:6.1f} s  {act}[/]")
    console.print(
        f"\nStarting took {progress.total:.0f} s, the report {sum(acts.values()):.0f} s. "
        f"Downloaded this time: {progress.downloaded / 1e6:.0f} MB of Apache Kafka"
        f", {packages_loaded() / 1e6:.0f} MB of Python packages."
    )


_STOPPED = "\nStopped; nothing was left running by this command."
_INTERRUPTED = 130  # how the command line's library tells of a Ctrl-C


def _end(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def main() -> None:
    """Runs a command; a Stop is one sentence on stderr and exit code 1."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # a terminal may lack "✓"
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        if app(standalone_mode=False) == _INTERRUPTED:
            sys.exit(_STOPPED)
    except Stop as sentence:
        sys.exit(f"\n{sentence}")
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(_STOPPED)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except OSError as error:
        if error.errno == 28:
            sys.exit(f"\nThe disk is full: free about 1 GB below {home()}, then run it again.")
        raise
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    main()
