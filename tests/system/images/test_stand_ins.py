"""What the product relies on in others' images, tried on whatever stands under those tags.

README.md beside this file lists the same properties with their public sources.
"""

import json
import subprocess

import pytest

from tests.system.images.build import docker, named

pytestmark = [pytest.mark.engine, pytest.mark.servers, pytest.mark.slow]
PYTHON, POSTGRES, KAFKA, GATEWAY = (
    "python:3.11.14-slim-bookworm", "postgres:18.3-bookworm", "apache/kafka:4.3.1", "nginx:1.30.0",
)  # fmt: skip


def inside(tag: str, script: str, *more: str) -> str:
    """What a shell in a container of that image prints."""
    return docker("run", "--rm", *more, "--entrypoint", "sh", tag, "-ec", script)


def configured(tag: str, what: str) -> object:
    return json.loads(docker("image", "inspect", "-f", f"{{{{json .Config.{what}}}}}", tag))


@pytest.fixture(autouse=True)
def there(product_images: None) -> None:
    """The images, pulled or stood in for."""
    for tag in named():
        if not docker("image", "inspect", tag, check=False):
            docker("pull", tag)


def test_the_product_names_these_images_and_no_other() -> None:
    assert named() == sorted([PYTHON, POSTGRES, KAFKA, GATEWAY])


def test_python_has_pip_venv_and_users_can_be_added() -> None:
    assert inside(PYTHON, "python --version").startswith("Python 3.11.")
    assert "pip" in inside(PYTHON, "python -m pip --version")
    assert inside(PYTHON, "python -m venv /tmp/v && /tmp/v/bin/python -c 'print(1)'") == "1"
    inside(PYTHON, "groupadd --gid 10001 b && useradd --uid 10001 --gid 10001 b && install -d /x")


def test_postgres_runs_as_999_with_its_data_below_a_volume_of_that_user() -> None:
    assert inside(POSTGRES, "id -u postgres; id -g postgres").split() == ["999", "999"]
    assert inside(POSTGRES, "stat -c %U /var/lib/postgresql") == "postgres"
    assert configured(POSTGRES, "Volumes") == {"/var/lib/postgresql": {}}
    assert "PGDATA=/var/lib/postgresql/18/docker" in str(configured(POSTGRES, "Env"))
    assert configured(POSTGRES, "StopSignal") == "SIGINT"
    assert " 18." in inside(POSTGRES, "postgres --version")
    assert inside(POSTGRES, "command -v pg_isready", "--user", "999:999")


def test_postgres_takes_its_first_password_from_a_file_and_arguments_for_initdb() -> None:
    script = (
        "mkdir /tmp/d && echo sandi-rahasia > /tmp/pw && export PGDATA=/tmp/d/data "
        "POSTGRES_PASSWORD_FILE=/tmp/pw POSTGRES_INITDB_ARGS='--auth=scram-sha-256 -E UTF8' && "
        "(docker-entrypoint.sh postgres -c unix_socket_directories=/tmp >/dev/null 2>&1 &) && "
        "for n in $(seq 60); do PGPASSWORD=sandi-rahasia psql -h 127.0.0.1 -U postgres -tc "
        "'select 42' 2>/dev/null && break; sleep 0.5; done; "
        "PGPASSWORD=salah psql -h 127.0.0.1 -U postgres -c 'select 1' 2>&1 | tail -1"
    )
    told = inside(POSTGRES, script, "--user", "999:999")
    assert "42" in told
    assert "password authentication failed" in told


def test_kafka_has_java_on_the_path_its_jars_and_a_data_folder_of_user_1000() -> None:
    version = subprocess.run(
        ["docker", "run", "--rm", "--entrypoint", "java", KAFKA, "-version"],
        capture_output=True,
        text=True,
    )
    assert int(version.stderr.split('"')[1].split(".")[0]) >= 17
    assert "kafka_2.13-4.3.1.jar" in inside(KAFKA, "ls /opt/kafka/libs")
    assert inside(KAFKA, "id -u") == "1000"
    assert inside(KAFKA, "test -w /var/lib/kafka/data && echo yes") == "yes"
    assert set(configured(KAFKA, "Volumes") or ()) == {  # type: ignore[call-overload]
        "/etc/kafka/secrets", "/mnt/shared/config", "/var/lib/kafka/data",
    }  # fmt: skip
    inside(KAFKA, "command -v sed grep cat", "--user", "1000:1000")


def test_nginx_has_user_101_its_types_and_the_modules_that_the_gateway_asks_for() -> None:
    assert inside(GATEWAY, "id -u nginx") == "101"
    inside(GATEWAY, "test -r /etc/nginx/mime.types && command -v nginx grep", "--user", "101:101")
    built = inside(GATEWAY, "nginx -V 2>&1")
    assert {"http_ssl_module", "http_sub_module"} <= {
        word.removeprefix("--with-") for word in built.split()
    }
