"""Whatever becomes of an event, its sender and the staff are told what to do, in both languages."""

import re

import pytest

from services.marketing import reactions as marketing
from services.registry import reactions as registry
from services.training import reactions as training
from shared.contracts import answers, topics
from shared.contracts.receipts import ReceiptIssued
from shared.receipts import texts
from tests.contracts.codes import of_rules, of_the_mechanism

CONSUMERS = {"registry": registry, "training": training, "marketing": marketing}
# What rows were checked for when they were entered: reading them again can't bring these about.
OF_ROWS = {
    "bulan-mendahului-yang-terakhir",
    "dinas-pembina-tidak-cocok",
    "disebut-dua-kali",
    "janji-nol",
    "kapasitas-harus-positif",
    "keadaan-awal-belum-ada",
    "nik-sudah-terdaftar",
    "pengamatan-di-masa-depan",
    "pengamatan-mendahului-yang-terakhir",
    "satuan-tidak-dikenal",
    "stan-sudah-dilepas",
}


def rules() -> set[str]:
    """The codes of rules of every service that reads an office's feed."""
    hearing = [
        service
        for service, module in CONSUMERS.items()
        if any(topics.topic(name).receipts for c in module.CONSUMERS for name in c.topics)
    ]
    assert hearing == ["registry", "marketing"]
    return {code for service in hearing for code in of_rules(service)}


def test_the_codes_are_found_where_they_are_made() -> None:
    assert {"missing", "contract", "id_reused", "behind", "database"} <= of_the_mechanism()
    assert {"wilayah-bermakna-ganda", "nik-tidak-sah", "zona-waktu-tidak-dikenal"} <= rules()


def test_every_code_that_an_event_can_end_with_has_a_sentence_of_its_own() -> None:
    wanted = of_the_mechanism() | (rules() - OF_ROWS)
    assert wanted - answers.ANSWERS.keys() == set()


def test_no_sentence_is_for_a_code_that_nothing_ends_with() -> None:
    discarded = answers.DISCARDED.keys()
    assert answers.ANSWERS.keys() - of_the_mechanism() - rules() - discarded == set()
    assert rules() >= OF_ROWS


@pytest.mark.parametrize("code", sorted(answers.ANSWERS))
def test_a_sentence_says_what_to_do_in_both_languages_and_fits_a_receipt(code: str) -> None:
    indonesian, english = texts(code)
    assert indonesian is not None
    assert english is not None
    assert re.search(r"([Kk]irim|[Pp]etugas|[Tt]idak perlu)", indonesian), "what is to be done?"
    assert re.search(r"([Ss]end|[Ss]taff|sent again|Nothing to do)", english)
    for text in (indonesian, english):
        assert len(text) <= 200
        assert text.endswith(".")
        assert re.fullmatch(r"[^\x00-\x1f\x7f{}]+", text)


def test_no_two_codes_say_the_same_and_none_is_empty() -> None:
    for language in (0, 1):
        told = [text[language] for text in answers.ANSWERS.values()]
        assert len(set(told)) == len(told)
    assert texts("") == (None, None)
    assert texts("no-such-code")[0] == answers.answer("unheard-of")[0]


def test_codes_are_of_one_kind_and_have_the_form_of_a_receipts_code() -> None:
    kinds = (answers.REJECTED, answers.WAITING, answers.FOR_STAFF, answers.DISCARDED)
    assert sum(map(len, (*kinds, answers.FORGOTTEN))) == len(answers.ANSWERS)
    pattern = str(ReceiptIssued.model_fields["code"].metadata[0].pattern)
    assert all(re.fullmatch(pattern, code) for code in answers.ANSWERS)
