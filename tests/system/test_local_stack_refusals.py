"""What can go wrong on a machine ends in one clear sentence that says what to do."""

import ast
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import bootstrap, jars
from deploy.local.__main__ import token
from deploy.local.bootstrap import Stop
from deploy.local.places import CLONE, Instance
from deploy.local.processes import Processes, plain_environment
from tests.stack.servers import sweep

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A BINAAN_HOME of this test alone, that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="binaan-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    monkeypatch.setenv("BINAAN_HOME", str(folder))
    yield folder
    shutil.rmtree(folder)


def test_the_bootstrap_can_be_read_by_an_old_python() -> None:
    source = Path(bootstrap.__file__).read_text()
    ast.parse(source, feature_version=(3, 4))
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]


def test_an_old_python_is_told_which_one_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Stop, match=r"needs Python 3\.11 or newer, and .* is 3\.9\.2: install"):
        bootstrap.find_python((3, 9, 2))


def test_an_old_python_hands_over_to_a_newer_one_on_the_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "python3.12").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(home))
    assert bootstrap.find_python((3, 9, 2)) == "python3.12"


def test_a_full_disk_is_said_before_anything_is_downloaded(home: Path) -> None:
    with pytest.raises(Stop, match=r"disk is nearly full: .* free some, or set BINAAN_HOME"):
        bootstrap.check_room(str(home), needed=10**18)


def test_a_python_without_venv_is_told_what_to_install(home: Path) -> None:
    broken = home / "python3"
    broken.write_text("#!/bin/sh\necho ensurepip is not available\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(Stop, match="sudo apt install python3-venv"):
        bootstrap.make_venv(str(broken), str(home / "venv"))
    assert not (home / "venv").exists()


@pytest.mark.slow
def test_an_unreachable_package_registry_is_one_sentence(home: Path) -> None:
    away = {"PIP_INDEX_URL": f"{NOWHERE}/simple", "PIP_FIND_LINKS": "", "PIP_NO_CACHE_DIR": "1"}
    ran = subprocess.run(
        [sys.executable, bootstrap.__file__],
        env={**plain_environment(), **away, "BINAAN_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("The Python package registry can't be reached")


@pytest.mark.usefixtures("home")
def test_an_unreachable_jar_registry_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    with pytest.raises(Stop, match=r"jars can't be downloaded: .* check the network"):
        jars.fetch(lambda *_: None)


def test_a_jar_that_is_not_the_locked_one_is_refused(home: Path) -> None:
    for line in jars.LOCK.read_text().splitlines()[1:]:
        group, artifact, version = line.split()[1].split(":")
        folder = jars.cache() / group.replace(".", "/") / artifact / version
        folder.mkdir(parents=True)
        (folder / f"{artifact}-{version}.jar").write_bytes(b"something else")
    with pytest.raises(Stop, match=r"is not the jar that kafka\.lock names"):
        jars.class_path()


@pytest.mark.usefixtures("home")
def test_a_pinned_port_in_use_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("KAFKA_PORT", str(port))
        with pytest.raises(Stop, match=f"Port {port} is in use by another program: stop that one"):
            Instance("test-ports").port_to_open("kafka")


@pytest.mark.usefixtures("home")
def test_a_chosen_port_is_remembered_and_replaced_when_somebody_took_it() -> None:
    instance = Instance("test-ports")
    port = instance.port("kafka")
    assert instance.port_to_open("kafka") == port
    with socket.create_server(("127.0.0.1", port)):
        assert instance.port_to_open("kafka") != port


def test_a_machine_without_python_is_told_by_make() -> None:
    ran = subprocess.run(
        ["make", "PYTHON=no-such-python", "env"], cwd=CLONE, capture_output=True, text=True
    )
    assert "found no no-such-python: install it, or name yours" in ran.stdout + ran.stderr


def test_a_token_is_of_the_areas_that_make_is_given(home: Path) -> None:
    made = subprocess.run(
        [
            "make",
            "-s",
            "-o",
            "ready",
            "token",
            "ROLE=petugas",
            "AREAS=36.74.06,36.74.05.1001",
            f"RUN={sys.executable}",
        ],
        cwd=CLONE,
        env={**plain_environment(), "BINAAN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    claims = made.stdout.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (said["roles"], said["areas"]) == (["petugas"], ["36.74.06", "36.74.05.1001"])


@pytest.mark.usefixtures("home")
def test_an_area_that_nobody_knows_gets_no_token() -> None:
    with pytest.raises(Stop, match=r"No area here has the code 36\.74\.99: .*areas\.csv has the"):
        token("petugas", "36.74.06,36.74.99")


def test_a_folder_that_the_servers_user_can_not_enter_is_found(home: Path) -> None:
    inner = home / "closed" / "inner"
    inner.mkdir(parents=True)
    assert bootstrap.closed_folder(str(inner)) is None
    (home / "closed").chmod(0o700)
    assert bootstrap.closed_folder(str(inner)) == str(home / "closed")


@pytest.mark.usefixtures("home")
def test_a_stranger_that_got_our_old_pid_is_left_alone() -> None:
    instance = Instance("test-strangers")
    stranger = subprocess.Popen(["sleep", "60"])
    entry = {"pid": stranger.pid, "born": 1.0, "signal": 15}
    instance.remember("processes", {"kafka": entry})
    Processes(instance).stop_all([["kafka"]])
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.slow
def test_what_a_killed_test_session_left_behind_is_ended_by_the_next(home: Path) -> None:
    instance = Instance("test-0")
    instance.remember("session", {"pid": os.getpid(), "born": 1.0})  # a pid that was reused
    starter = (
        "import sys; from pathlib import Path; from deploy.local.places import Instance; "
        "from deploy.local.processes import Processes; "
        "Processes(Instance('test-0')).start('kafka', ['sleep', '60'], environment={}, "
        "folder=Path('/')); import os; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", starter], cwd=CLONE, check=True)
    left = Processes(instance).find("kafka")
    assert left is not None
    sweep()
    assert not psutil.pid_exists(left.pid) or left.status() == psutil.STATUS_ZOMBIE
    assert not (home / "test-0").exists()
