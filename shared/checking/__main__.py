"""`python -m shared.checking FILE`: does this event keep its contract? Sends nothing anywhere.

FILE holds a CloudEvent in structured mode; with `--header` it is the body alone, and the headers
are those of binary mode (`--header ce_id=…`). Exit code 0: it would be taken; 1: it would be
rejected; 2: there was nothing to check.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.checking.judging import Judged, judged
from shared.checking.sent import STRUCTURED
from shared.contracts import topics
from shared.contracts.topics import Topic
from shared.errors import Language


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; the exit code."""
    given = _parser().parse_args(arguments)
    language: Language = "en" if given.english else "id"
    try:
        value = Path(given.file).read_bytes()
        headers = dict(pair.split("=", 1) for pair in given.header)
        topic = topics.topic(given.topic) if given.topic else None
    except OSError as error:
        return _unchecked(f"{given.file}: {_unread(error, language)}")
    except ValueError:
        return _unchecked("--header NAME=TEXT")
    except KeyError:
        return _unchecked(f"--topic {given.topic}: tidak dikenal / not known")
    found = judged(value, headers or {"content-type": STRUCTURED}, given.key, topic)
    for line in _told(given.file, headers, found, language):
        sys.stdout.write(line + "\n")
    return 1 if found.wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.checking", description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--header", action="append", default=[], metavar="NAME=TEXT")
    parser.add_argument("--key", help="the record's key; without it, the subject")
    parser.add_argument("--topic", help="without it, the topic of the event's type")
    parser.add_argument("--english", action="store_true", help="English, not Indonesian")
    return parser


def _unread(error: OSError, language: Language) -> str:
    """Why there is no file to check."""
    for kind, indonesian, english in _UNREAD:
        if isinstance(error, kind):
            return english if language == "en" else indonesian
    return str(error.strerror)


_UNREAD = (
    (FileNotFoundError, "berkas ini tidak ada.", "there is no such file."),
    (IsADirectoryError, "ini folder, bukan berkas.", "this is a folder, not a file."),
    (PermissionError, "berkas ini tidak boleh dibaca.", "this file may not be read."),
)


def _unchecked(why: str) -> int:
    sys.stderr.write(why + "\n")
    return 2


_WORDS = {
    "id": (
        "sesuai kontrak.",
        "{n} hal harus diperbaiki.",
        "Perhatian:",
        "topik",
        "kunci",
        "kirim",
        "Aturan program (orangnya terdaftar? wilayahnya jelas?) diperiksa setelah dikirim. Coba "
        "dahulu lewat {trial}.",
    ),
    "en": (
        "keeps its contract.",
        "{n} to put right.",
        "Mind:",
        "topic",
        "key",
        "send",
        "The programme's rules (is she registered? is the area clear?) come after sending. Try "
        "{trial} first.",
    ),
}  # fmt: skip  the same line by line


def _told(file: str, headers: dict[str, str], found: Judged, language: Language) -> Iterator[str]:
    fine, wrong, mind, topic, key, send, rules = _WORDS[language]
    yield f"{file}: {wrong.format(n=len(found.wrong)) if found.wrong else fine}"
    yield from (f"  {one.pointer or '/'}  {one.text(language)}" for one in found.wrong)
    if found.warned:
        yield mind
        yield from (f"  {one.pointer}  {one.text(language)}" for one in found.warned)
    if not found.wrong:
        yield f"  {topic}  {found.topic.name}"
        yield f"  {key}  {found.key}"
        yield f"  {send}  {_kcat(file, headers, found.topic, found.key)}"
        yield rules.format(trial=found.topic.feed + topics.TRIAL)


def _kcat(file: str, headers: dict[str, str], topic: Topic, key: str) -> str:
    sent = headers or {"content-type": STRUCTURED}
    words = ["kcat", "-F", "kcat.conf", "-P", "-t", topic.name, "-k", key]
    for name, text in sent.items():
        words += ["-H", f"{name}={text}"]
    return shlex.join([*words, file])


if __name__ == "__main__":
    sys.exit(main())
