"""An office's event is checked before it is sent: all that is wrong, in words, without a server."""

import copy
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.checking.__main__ import main
from shared.checking.judging import judged
from shared.checking.sent import STRUCTURED, record
from shared.cloudevents import Reader
from shared.contracts import generate
from shared.contracts.fact import FACTS
from shared.contracts.topics import TOPICS, topic
from shared.privacy import Keys

TRAINING = "id.go.tangerangselatankota.perindag.training.delivered.v1"
GOOD = generate.example(TRAINING)
HEADERS = {"content-type": STRUCTURED}
OFFICES = sorted(kind for kind, fact in FACTS.items() if topic(fact.TOPIC).from_outside)


def changed(**other: Any) -> dict[str, Any]:
    """The example with other attributes, and `data__…` for fields of its body; None: left out."""
    event = copy.deepcopy(GOOD)
    for name, value in other.items():
        place, _, field = name.rpartition("__")
        part = event[place] if place else event
        part.pop(field, None)
        if value is not None:
            part[field] = value
    return event


def found(event: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.english) for one in judged(_raw(event), HEADERS, **more).wrong]


def _raw(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.parametrize("kind", OFFICES)
def test_every_example_of_an_office_keeps_its_contract(kind: str) -> None:
    event = generate.example(kind)
    fine = judged(_raw(event), HEADERS)
    assert fine.wrong == fine.warned == ()
    assert (fine.topic.name, fine.key) == (FACTS[kind].TOPIC, event["subject"])


def test_all_that_is_wrong_is_told_at_once() -> None:
    event = changed(
        id=None,
        source="urn:binaan:36.74:perindak",
        sequence=3,
        time="2017-08-14T15:20:00",
        data__title=None,
        data__titel="Desain kemasan",
        data__nik=3674065505850001,
        data__hours=12.5,
        data__began_on="13-08-2017",
        data__area={"code": 7},
    )
    pointers = {pointer for pointer, _ in found(event)}
    fields = {"title", "nik", "hours", "began_on", "area/code"}
    assert pointers == {"/id", "/source", "/sequence", "/time", *(f"/data/{f}" for f in fields)}


@pytest.mark.parametrize(
    ("other", "pointer", "words"),
    [
        ({"type": TRAINING.replace("delivered", "deliverd")}, "/type", f"Did you mean {TRAINING}?"),
        ({"type": TRAINING.replace("v1", "v9")}, "/type", f"Known versions: {TRAINING}."),
        ({"type": "x"}, "/type", f"On office.36.74-perindag.training: {TRAINING}."),
        ({"source": "urn:x"}, "/source", "For this topic: urn:binaan:36.74:perindag."),
        ({"sequense": "1", "sequence": None}, "/sequence", "Did you mean sequense?"),
        ({"data__titel": "x", "data__title": None}, "/data/title", "Did you mean titel?"),
        ({"data__nik": "12"}, "/data/nik", "Pattern: ^[0-9]{16}$. Example: "),
        ({"time": "2017-08-14T15:20:00"}, "/time", "A time needs its offset"),
        ({"subject": "another"}, "/subject", "must be the same"),
        ({"subject": GOOD["data"]["nik"]}, "/key", "Neither key, id nor trace"),
        ({"id": "a\0b"}, "/id", "NUL"),
        ({"data": None}, "/data", "The fact stands in data."),
        ({"specversion": "0.3"}, "/specversion", "Set it to 1.0."),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value)[:40],
)
def test_each_fault_says_which_field_and_what_to_do(
    other: dict[str, Any], pointer: str, words: str
) -> None:
    told = dict(found(changed(**other)))
    assert list(told) == [pointer]
    assert words in told[pointer]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"nik"', '"hours": "1", "nik"', "Stands twice: hours."),
        ('"12"', '"12', "Line 1, column "),
        ('"12"', "NaN", "NaN and infinity"),
        ('"12"', "[" * 50 + "]" * 50, "nested too deeply"),
    ],
)
def test_what_is_no_json_says_where(old: str, new: str, words: str) -> None:
    (wrong,) = judged(json.dumps(GOOD).replace(old, new).encode(), HEADERS).wrong
    assert words in wrong.english


@pytest.mark.parametrize("value", [b"", b"[]", b"\xff", b"{", b"null", b'{"data": 1}', b'"x"'])
def test_whatever_the_file_holds_something_is_said(value: bytes) -> None:
    assert judged(value, HEADERS).wrong


def test_it_says_no_exactly_where_the_worker_s_reader_does() -> None:
    for event in (GOOD, changed(type="x"), changed(data__hours="x"), changed(data__extra="x")):
        home = topic("office.36.74-perindag.training")
        reader = Reader([FACTS[TRAINING]], Keys({"worker": bytes(range(32))}))
        item = reader.read(record(home.name, event["subject"].encode(), _raw(event), HEADERS))
        assert bool(judged(_raw(event), HEADERS).wrong) == (item.fault is not None)


def test_what_is_taken_and_may_not_be_meant_is_only_warned_of() -> None:
    event = changed(data__area={"kelurahan": "Serpong"}, data__topic=["packaging"], sequense="1")
    told = judged(_raw(event), HEADERS)
    assert told.wrong == ()
    warned = {one.pointer: one.english for one in told.warned}
    assert warned.keys() == {"/sequense", "/data/topic", "/data/area"}
    assert "Did you mean topics?" in warned["/data/topic"]
    assert "36.74.01.1009 Serpong" in warned["/data/area"]


def test_another_key_and_another_topic_are_judged_as_they_would_be_sent() -> None:
    assert [pointer for pointer, _ in found(GOOD, key="another")] == ["/subject"]
    elsewhere = topic("office.36.74-pendidikan.training")
    assert [p for p, _ in found(GOOD, topic=elsewhere)] == ["/source", "/type"]
    trial = topic("office.36.74-perindag.training.trial")
    assert found(GOOD, topic=trial) == []


def test_binary_mode_is_checked_with_its_headers(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps(GOOD["data"]))
    headers = [f"--header=ce_{name}={text}" for name, text in GOOD.items() if name != "data"]
    assert main([str(body), *headers]) == 0
    assert main([str(body), *headers[1:]]) == 1


def test_the_command_tells_topic_key_and_how_to_send_and_opens_no_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it wants a network"))
    file = tmp_path / "event.json"
    file.write_text(json.dumps(GOOD))
    assert main([str(file)]) == 0
    told = capsys.readouterr().out
    assert "sesuai kontrak" in told
    assert f"kcat -F kcat.conf -P -t {FACTS[TRAINING].TOPIC} -k {GOOD['subject']} " in told
    file.write_text(json.dumps(changed(type="x", data__nik="1")))
    assert main([str(file), "--english"]) == 1
    told = capsys.readouterr().out
    assert "1 to put right" in told
    assert GOOD["data"]["nik"] not in told


@pytest.mark.parametrize(
    "wrong", [["nofile.json"], [__file__, "--topic=x"], [__file__, "--header=x"]]
)
def test_what_cannot_be_checked_is_another_exit_code(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(wrong) == 2
    assert capsys.readouterr().err


def test_why_a_file_cannot_be_checked_is_told_in_the_language_of_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for file in (tmp_path / "nofile.json", tmp_path):
        for more in ([], ["--english"]):
            assert main([str(file), *more]) == 2
            told.append(capsys.readouterr().err.removeprefix(f"{file}: ").strip())
    assert told == [
        "berkas ini tidak ada.",
        "there is no such file.",
        "ini folder, bukan berkas.",
        "this is a folder, not a file.",
    ]


def test_a_topic_is_guessed_among_those_of_offices_only() -> None:
    ours = changed(type="id.binaan.registry.person.died.v1", source="urn:binaan:36.74:registry")
    told = judged(_raw(ours), HEADERS)
    assert told.topic in [t for t in TOPICS if t.from_outside and not t.trial_of]
    assert "/type" in [one.pointer for one in told.wrong]


names = st.text(st.characters(), max_size=30)  # halves of characters too
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*GOOD, "other"]) | names, anything, max_size=3),
    st.dictionaries(st.sampled_from([*GOOD["data"], "other"]) | names, anything, max_size=3),
)
def test_it_always_says_something_and_agrees_with_the_reader(
    attributes: dict[str, Any], body: dict[str, Any]
) -> None:
    raw = _raw({**GOOD, "data": {**GOOD["data"], **body}, **attributes})
    told = judged(raw, HEADERS)
    key = told.key.encode() or None
    facts = [fact for fact in FACTS.values() if told.topic.name == fact.TOPIC]
    item = Reader(facts, Keys({"worker": bytes(32)})).read(
        record(told.topic.name, key, raw, HEADERS)
    )
    assert bool(told.wrong) == (item.fault is not None)
    for one in (*told.wrong, *told.warned):
        (one.pointer + one.indonesian + one.english).encode()
