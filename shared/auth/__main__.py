"""`python -m shared.auth keygen DIR` and `python -m shared.auth token --role kasi …`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shared.actor import ROLES
from shared.auth.issuer import make_keys, read_key, sign
from shared.settings import SettingsError, load_settings


def main(arguments: list[str] | None = None) -> int:
    """0 when done, 2 with one sentence on stderr when not."""
    wish = _parser().parse_args(arguments)
    try:
        if wish.command == "keygen":
            for path in make_keys(wish.folder):
                print(path)
        else:
            print(_token(wish))
    except FileExistsError as error:
        return _refuse(f"{error.filename} exists; its tokens would stop working")
    except (SettingsError, OSError, ValueError) as error:
        return _refuse(str(error))
    return 0


def _token(wish: argparse.Namespace) -> str:
    settings = load_settings("token")
    if not settings.auth.local_issuer or settings.auth.issuer_key_file is None:
        raise SettingsError("the local issuer is for demo and tests: set BINAAN_LOCAL_ISSUER=on")
    return sign(
        read_key(settings.auth.issuer_key_file),
        issuer=settings.auth.issuer,
        audience=settings.auth.audience,
        subject=wish.subject or f"demo-{wish.role[0]}",
        roles=wish.role,
        areas=wish.areas.split(","),
        office=wish.office,
        seconds=round(wish.hours * 3600),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.auth")
    commands = parser.add_subparsers(dest="command", required=True)
    keygen = commands.add_parser("keygen", help="make a private key (0600) and its jwks.json")
    keygen.add_argument("folder", type=Path)
    token = commands.add_parser("token", help="sign a token with the local issuer's key")
    token.add_argument("--role", action="append", required=True, choices=sorted(ROLES))
    token.add_argument("--areas", default="36.74", help="Kemendagri codes with commas, or *")
    token.add_argument("--subject", default="", help="default: demo-<role>")
    token.add_argument("--office", default=None, help="code of the person's office")
    token.add_argument("--hours", type=float, default=12)
    return parser


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
