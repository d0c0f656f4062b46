"""Tokens: what is believed, what isn't, and for how long."""

from __future__ import annotations

import asyncio
import stat
import time
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.auth import KeysUnavailable, PublicKeys, TokenCheck, TokenRefused, from_file
from shared.auth.__main__ import main
from shared.auth.issuer import make_keys, read_key, sign
from shared.auth.keys import usable_keys

CLAIMS = {
    "iss": "https://issuer.test",
    "aud": "binaan",
    "sub": "s-1",
    "roles": ["kasi"],
    "areas": ["36.74"],
}
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Issuer:
    """A JWKS that a test changes, and how often it was asked for."""

    def __init__(self, keys: Sequence[Any]) -> None:
        self.keys, self.asked, self.away = list(keys), 0, False

    async def fetch(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise OSError
        return orjson.dumps({"keys": [key.as_dict(private=False) for key in self.keys]})


def made(key: Any, alg: str, **changes: Any) -> str:
    claims = {"exp": 1_800_000_600, **CLAIMS, **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=[alg])


def a_check(issuer: Issuer | None = None) -> tuple[TokenCheck, Clock]:
    clock = Clock()
    keys = PublicKeys((issuer or Issuer([ED, EC, RSA])).fetch, clock)
    return TokenCheck(keys, "https://issuer.test", "binaan", clock), clock


@pytest.mark.parametrize(("key", "alg"), [(ED, "Ed25519"), (EC, "ES256"), (RSA, "RS256")])
async def test_a_good_token_says_who_acts(key: Any, alg: str) -> None:
    check, _ = a_check()
    actor = await check.check(made(key, alg, office="36.74-perindag", areas=["36.74", "36.71"]))
    assert (actor.subject, actor.roles, actor.office) == (
        "s-1",
        frozenset({"kasi"}),
        "36.74-perindag",
    )
    assert actor.areas == ("36.71", "36.74")


async def test_the_older_name_of_the_algorithm_is_believed_too() -> None:
    check, _ = a_check()
    with pytest.warns(UserWarning, match="RFC 9864"):
        token = jwt.encode(
            {"alg": "EdDSA", "kid": "ed"}, {"exp": 1_800_000_600, **CLAIMS}, ED, ["EdDSA"]
        )
    assert (await check.check(token)).subject == "s-1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://other.test"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": ["other"]}, "audience"),
        ({"exp": None}, "claims"),
        ({"exp": "soon"}, "claims"),
        ({"exp": 1_799_999_989}, "expired"),
        ({"nbf": 1_800_000_011}, "early"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": "a\0b"}, "claims"),
        ({"roles": "kasi"}, "claims"),
        ({"areas": "*"}, "claims"),
        ({"areas": ["36.7"]}, "claims"),
        ({"areas": ["%"]}, "claims"),
        ({"areas": [1]}, "claims"),
        ({"office": 1}, "claims"),
    ],
)
async def test_a_token_that_says_something_else_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    check, _ = a_check()
    with pytest.raises(TokenRefused) as refused:
        await check.check(made(ED, "Ed25519", **changes))
    assert refused.value.reason == reason


@pytest.mark.parametrize("changes", [{"exp": 1_799_999_991}, {"nbf": 1_800_000_009}])
async def test_clocks_may_differ_by_ten_seconds(changes: dict[str, Any]) -> None:
    check, _ = a_check()
    assert (await check.check(made(ED, "Ed25519", **changes))).subject == "s-1"


async def test_nobody_signs_with_what_is_public_or_with_nothing() -> None:
    check, _ = a_check()
    public = OctKey.import_key(urlsafe_b64decode(str(ED.as_dict()["x"]) + "="), {"kid": "ed"})
    confused = made(public, "HS256")
    body = made(ED, "Ed25519").split(".")[1]
    bare = "eyJhbGciOiJub25lIiwia2lkIjoiZWQifQ." + body + "."
    for token in (confused, bare, "", ".", "..", "a.b.c", "é", "x" * 9000):
        with pytest.raises(TokenRefused) as refused:
            await check.check(token)
        assert refused.value.reason == "malformed"


async def test_a_changed_token_and_a_strangers_key_are_refused() -> None:
    check, _ = a_check()
    head, body, signature = made(ED, "Ed25519").split(".")
    other = made(ED, "Ed25519", roles=["kasi", "operator"]).split(".")[1]
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
    for token in (f"{head}.{other}.{signature}", made(stranger, "Ed25519")):
        with pytest.raises(TokenRefused) as refused:
            await check.check(token)
        assert refused.value.reason == "signature"
    assert body != other


async def test_unknown_roles_count_for_nothing() -> None:
    check, _ = a_check()
    actor = await check.check(made(ED, "Ed25519", roles=["superuser", "auditor"]))
    assert actor.roles == {"auditor"}


async def test_a_token_is_checked_once_and_forgotten_when_it_expires() -> None:
    check, clock = a_check()
    token = made(ED, "Ed25519", exp=clock.now + 60)
    assert check.remembered(token) is None
    actor = await check.check(token)
    assert check.remembered(token) is actor
    clock.now += 71
    assert check.remembered(token) is None
    with pytest.raises(TokenRefused):
        await check.check(token)


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth.tokens._REMEMBERED", 3)
    check, _ = a_check()
    tokens = [made(ED, "Ed25519", sub=f"s-{n}") for n in range(5)]
    for token in tokens:
        await check.check(token)
    assert [check.remembered(token) is not None for token in tokens] == [False] * 2 + [True] * 3


async def test_an_unknown_key_asks_the_issuer_again_at_most_every_thirty_seconds() -> None:
    issuer = Issuer([EC])
    check, clock = a_check(issuer)
    for _ in range(5):
        with pytest.raises(TokenRefused) as refused:
            await check.check(made(ED, "Ed25519"))
        assert refused.value.reason == "key"
    assert issuer.asked == 1
    issuer.keys.append(ED)
    clock.now += 31
    answers = await asyncio.gather(*(check.check(made(ED, "Ed25519")) for _ in range(5)))
    assert len(answers) == 5
    assert issuer.asked == 2


async def test_a_withdrawn_key_is_forgotten_after_ten_minutes() -> None:
    issuer = Issuer([ED, EC])
    check, clock = a_check(issuer)
    await check.check(made(ED, "Ed25519"))
    issuer.keys.remove(ED)
    clock.now += 601
    with pytest.raises(TokenRefused):
        await check.check(made(ED, "Ed25519", exp=clock.now + 600))


async def test_an_issuer_that_is_away_changes_nothing_for_known_keys() -> None:
    issuer = Issuer([ED])
    check, clock = a_check(issuer)
    await check.check(made(ED, "Ed25519"))
    issuer.away = True
    clock.now += 601
    token = made(ED, "Ed25519", exp=clock.now + 600)
    assert (await check.check(token)).subject == "s-1"


async def test_without_any_key_nobody_is_refused_for_good() -> None:
    issuer = Issuer([ED])
    issuer.away = True
    check, clock = a_check(issuer)
    with pytest.raises(KeysUnavailable):
        await check.check(made(ED, "Ed25519"))
    issuer.away = False
    clock.now += 31
    assert (await check.check(made(ED, "Ed25519"))).subject == "s-1"


def test_only_public_signature_keys_of_good_size_are_used() -> None:
    with pytest.warns(UserWarning, match="2048"):
        weak = RSAKey.generate_key(1024, parameters={"kid": "weak"}).as_dict(private=False)
    entries = [
        ED.as_dict(private=True),
        {**EC.as_dict(private=False), "use": "enc"},
        OctKey.generate_key(256, parameters={"kid": "oct"}).as_dict(),
        weak,
        RSA.as_dict(private=False),
    ]
    assert [key.kid for key in usable_keys(orjson.dumps({"keys": entries}))] == ["rsa"]
    for nonsense in (b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}'):
        with pytest.raises(ValueError, match=r"JWKS|character|document"):
            usable_keys(nonsense)


async def test_the_local_issuer_makes_a_private_key_and_tokens_that_are_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = make_keys(tmp_path / "issuer")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert b'"d"' not in public.read_bytes()
    for name, value in {
        "BINAAN_LOCAL_ISSUER": "on",
        "BINAAN_ISSUER_KEY_FILE": str(private),
        "BINAAN_JWT_ISSUER": "urn:binaan:local",
        "BINAAN_JWT_AUDIENCE": "binaan",
    }.items():
        monkeypatch.setenv(name, value)
    assert main(["token", "--role", "petugas", "--areas", "36.74.06", "--subject", "ani"]) == 0
    check = TokenCheck(PublicKeys(from_file(public)), "urn:binaan:local", "binaan")
    actor = await check.check(capsys.readouterr().out.strip())
    assert (actor.subject, actor.roles, actor.areas) == (
        "ani",
        frozenset({"petugas"}),
        ("36.74.06",),
    )


def test_the_local_issuer_is_off_unless_switched_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    private, _ = make_keys(tmp_path)
    monkeypatch.setenv("BINAAN_ISSUER_KEY_FILE", str(private))
    monkeypatch.setenv("BINAAN_JWT_ISSUER", "i")
    monkeypatch.setenv("BINAAN_JWT_AUDIENCE", "a")
    assert main(["token", "--role", "kasi"]) == 2
    assert "BINAAN_LOCAL_ISSUER" in capsys.readouterr().err


def test_a_key_in_use_is_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keygen", str(tmp_path)]) == 0
    before = (tmp_path / "issuer.key.json").read_bytes()
    assert main(["keygen", str(tmp_path)]) == 2
    assert "exists" in capsys.readouterr().err
    assert (tmp_path / "issuer.key.json").read_bytes() == before


def test_a_signed_token_names_its_time(tmp_path: Path) -> None:
    key = read_key(make_keys(tmp_path)[0])
    token = sign(key, issuer="i", audience="a", subject="s", roles=["kasi"], areas=["*"])
    claims = jwt.decode(token, key, algorithms=["Ed25519"]).claims
    assert 11 * 3600 < claims["exp"] - time.time() <= 12 * 3600
