"""Makes .binaan/venv from requirements.lock, or says in one sentence why it can't.

Runs on whatever `python3` is there, so this file keeps to what Python 3.5 can read: no f-strings,
no annotated variables. Needs the standard library only.
"""

import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

OLDEST = (3, 11)
TESTED = ("python3.11", "python3.13")
LOOKED_FOR = ("python3.13", "python3.12", "python3.11")
CLONE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOCK = os.path.join(CLONE, "requirements.lock")
NEEDED_BYTES = 2 * 1024**3
SERVER_UID = 65534  # `nobody`: PostgreSQL refuses to run as root
UNITS = {"bytes": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}
SIZE = re.compile(r"Downloading (\S+)(?: \(([0-9.]+) (bytes|kB|MB|GB)\))?")

CAUSES = (
    (
        r"No space left on device|Errno 28\b|Disk quota exceeded",
        "The disk is full: free about 2 GB below {home} (or set BINAAN_HOME to a roomier folder), "
        "then run the same command again.",
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that requirements.lock names: don't go on; "
        "check what stands between this machine and the package registry.",
    ),
    (
        r"NewConnectionError|NameResolutionError|Failed to establish|Temporary failure in name"
        r"|ConnectTimeout|ReadTimeout|ProxyError|Max retries exceeded|Connection refused|SSLError",
        "The Python package registry can't be reached from here: check the network "
        "(or PIP_INDEX_URL, PIP_CERT and HTTPS_PROXY behind a proxy), then run the same again.",
    ),
    (
        r"No matching distribution|Could not find a version",
        "The package registry has no ready-made package for this Python ({version}) on this "
        "machine ({platform}): use Python 3.11 or newer, e.g. make PYTHON=python3.13 demo.",
    ),
)


class Stop(Exception):
    """One clear sentence for the person at the keyboard."""


def home() -> str:
    """The folder for everything that runs; on first use moved where the servers may read it."""
    chosen = os.environ.get("BINAAN_HOME") or os.path.join(CLONE, ".binaan")
    if not os.path.lexists(chosen):
        make_home(os.path.abspath(chosen))
    return os.path.realpath(chosen)


def make_home(path: str) -> None:
    """As root below a closed folder, a link to a folder in /var/tmp takes its place."""
    closed = closed_folder(os.path.dirname(path)) if is_root() else None
    if closed is None:
        os.makedirs(path, mode=0o755)
        return
    if os.environ.get("BINAAN_HOME"):
        raise Stop(
            "PostgreSQL may not run as root and an ordinary user can't enter {}: "
            "set BINAAN_HOME to a folder that everybody can enter.".format(closed)
        )
    room = tempfile.mkdtemp(prefix="binaan-", dir="/var/tmp")
    os.chmod(room, 0o711)  # noqa: S103 - the server's user walks through, it can't list
    os.symlink(room, path)
    say("{} is closed to ordinary users: .binaan lies in {} instead".format(closed, room))


def closed_folder(path: str) -> "str | None":
    """The first folder on the way to `path` that others may not walk through."""
    parts = path.split(os.sep)
    for depth in range(2, len(parts) + 1):
        folder = os.sep.join(parts[:depth])
        if os.path.isdir(folder) and not os.stat(folder).st_mode & 0o001:
            return folder
    return None


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def say(text: str) -> None:
    """On stderr: `make env` has a shell read what stands on stdout."""
    sys.stderr.write(text + "\n")


def new_enough(program: str) -> bool:
    """Whether `program` runs, is 3.11 or newer, and is no throw-away link of a version switcher."""
    try:
        answer = subprocess.check_output(
            [program, "-c", "import sys; print(sys.version_info >= (3, 11))"],
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.strip() == b"True"


def find_python(version: "tuple[int, ...]" = sys.version_info[:3]) -> str:
    """This Python, of `version`, where it is new enough, else a newer one on the path."""
    if version >= OLDEST:
        return sys.executable
    for name in LOOKED_FOR:
        if new_enough(name):
            return name
    raise Stop(
        "Binaan needs Python 3.11 or newer, and {} is {}: install python3.12, "
        "or name one that you have: make PYTHON=/path/to/python3.12 demo".format(
            sys.executable or "python3", ".".join(str(part) for part in version)
        )
    )


def check_room(folder: str, needed: int = NEEDED_BYTES) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Stop(
            "The disk is nearly full: {:.1f} GB are free below {} and {:.0f} GB are needed: "
            "free some, or set BINAAN_HOME to a roomier folder.".format(
                free / 1024**3, folder, needed / 1024**3
            )
        )


def stamp_of(python: str) -> str:
    """What the environment was made from: the lock's digest and the real path of the Python."""
    with open(LOCK, "rb") as lock:
        digest = hashlib.sha256(lock.read()).hexdigest()
    ask = "import os, sys; print(os.path.realpath(sys.executable))"
    path = subprocess.check_output([python, "-c", ask], universal_newlines=True)
    return "{} {}".format(digest, path.strip())


def make_venv(python: str, venv: str) -> None:
    made = subprocess.run(
        [python, "-m", "venv", "--clear", venv],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    if made.returncode == 0:
        return
    shutil.rmtree(venv, ignore_errors=True)
    explain(made.stdout, venv)
    raise Stop(
        "This Python ({}) can't make a virtual environment: install its venv module "
        "(on Debian and Ubuntu: sudo apt install python3-venv), then run the same again.".format(
            python
        )
    )


def explain(output: str, folder: str) -> None:
    """Raises the sentence for a known cause of a failed pip or venv."""
    for pattern, sentence in CAUSES:
        if re.search(pattern, output):
            version = "{}.{}".format(*sys.version_info[:2])
            raise Stop(sentence.format(home=folder, version=version, platform=os.uname().machine))


def install(venv: str) -> float:
    """Installs the lock with its hashes checked; the bytes downloaded."""
    command = [os.path.join(venv, "bin", "python"), "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--retries", "2"]
    command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", LOCK]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    lines, loaded = [], 0.0
    for line in running.stdout or ():
        lines.append(line)
        found = SIZE.search(line)
        if found and found.group(2):
            loaded += float(found.group(2)) * UNITS[found.group(3)]
            show("  {} packages, {:.0f} MB".format(len(lines), loaded / 1e6))
    if running.wait() != 0:
        output = "".join(lines)
        explain(output, venv)
        say(output[-3000:])
        raise Stop("Installing the Python packages failed; the lines above say why.")
    return loaded


def show(text: str) -> None:
    """A line that the next one overwrites, only on a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()


def wait_for_turn(folder: str) -> object:
    """One bootstrap at a time; held until the process ends."""
    import fcntl

    handle = open(os.path.join(folder, "bootstrap.lock"), "w")  # noqa: SIM115 - held on purpose
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def main() -> None:
    began = time.time()
    python = find_python()
    folder = home()
    turn = wait_for_turn(folder)
    venv = os.path.join(folder, "venv")
    stamp_file = os.path.join(venv, "lock-installed")
    stamp = stamp_of(python)
    before = read(stamp_file)
    told = os.path.join(venv, "bytes-downloaded")  # what this very run has loaded, for the demo
    if os.path.exists(told):
        os.remove(told)
    if before == stamp:
        return
    check_room(folder)
    say("Python environment: {} from requirements.lock".format(venv))
    if before.split(" ")[-1] != stamp.split(" ")[-1]:
        make_venv(python, venv)
    loaded = install(venv)
    with open(stamp_file, "w") as out:
        out.write(stamp)
    with open(told, "w") as out:
        out.write(str(int(loaded)))
    count = len(glob.glob(os.path.join(venv, "lib", "python*", "site-packages", "*.dist-info")))
    show("")
    say(
        "Python environment: {} packages in {:.0f} s, {:.0f} MB downloaded".format(
            count, time.time() - began, loaded / 1e6
        )
    )
    del turn


def read(path: str) -> str:
    try:
        with open(path) as text:
            return text.read()
    except (IOError, OSError):
        return ""


if __name__ == "__main__":
    try:
        main()
    except Stop as sentence:
        sys.exit(str(sentence))
    except OSError as error:
        if error.errno == 28:
            sys.exit("The disk is full: free about 2 GB, then run the same command again.")
        raise
    except KeyboardInterrupt:
        sys.exit("Stopped; the same command goes on from here.")
