"""What may be published and what is understood: strict one way, open the other."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.fact import FACTS, Fact, fact_for, published, read_model
from shared.contracts.generate import example
from shared.contracts.offices import MarketEventAnnounced
from shared.contracts.registry import BusinessRegistered
from shared.contracts.values import Instant, quantity

ALL = sorted(FACTS)
BUSINESS = "id.binaan.registry.business.registered.v1"
ANNOUNCED = "id.go.kotabogor.perdagangan.market-event.announced.v1"


def body(fact_type: str, **other: Any) -> str:
    return json.dumps(example(fact_type)["data"] | other)


@pytest.mark.parametrize("fact_type", ALL)
def test_an_unknown_field_is_refused_when_published_and_ignored_when_read(fact_type: str) -> None:
    text = body(fact_type, brand_new="from a later release")
    with pytest.raises(ValidationError):
        FACTS[fact_type].model_validate_json(text)
    assert not hasattr(read_model(FACTS[fact_type]).model_validate_json(text), "brand_new")


def test_an_unknown_field_inside_a_part_is_ignored_when_read() -> None:
    capacity = {"quantity": "20", "unit": "jar", "period": "day", "shift": "night"}
    text = body(BUSINESS, capacity=capacity)
    with pytest.raises(ValidationError):
        BusinessRegistered.model_validate_json(text)
    assert read_model(BusinessRegistered).model_validate_json(text).capacity.quantity == "20"


@pytest.mark.parametrize(
    "later",
    [
        {"production_mode": "seasonal"},
        {"channels": ["online", "vending_machine"]},
        {"constraints": [{"kind": "electricity", "severity": 2}]},
        {"capacity": {"quantity": "20", "unit": "jar", "period": "quarter"}},
    ],
)
def test_an_unknown_code_is_refused_when_published_and_taken_when_read(
    later: dict[str, Any],
) -> None:
    text = body(BUSINESS, **later)
    with pytest.raises(ValidationError):
        BusinessRegistered.model_validate_json(text)
    read = read_model(BusinessRegistered).model_validate_json(text)
    assert json.loads(read.model_dump_json()).items() >= later.items()


def test_what_is_read_is_an_instance_of_its_fact() -> None:
    read = read_model(BusinessRegistered).model_validate_json(body(BUSINESS))
    assert isinstance(read, BusinessRegistered)
    assert read.TYPE == BUSINESS
    assert read.key == str(read.business_id)


@pytest.mark.parametrize("fact_type", ALL)
@pytest.mark.parametrize("model", ["published", "read"])
def test_a_missing_field_is_refused_both_ways(fact_type: str, model: str) -> None:
    fact = FACTS[fact_type] if model == "published" else read_model(FACTS[fact_type])
    data = example(fact_type)["data"]
    needed = [name for name, field in fact.model_fields.items() if field.is_required()]
    assert needed
    for name in needed:
        with pytest.raises(ValidationError):
            fact.model_validate_json(json.dumps({k: v for k, v in data.items() if k != name}))


@pytest.mark.parametrize("fact_type", ALL)
def test_control_characters_are_refused_in_every_text(fact_type: str) -> None:
    read = read_model(FACTS[fact_type])
    for name, value in example(fact_type)["data"].items():
        for bad in ("\0", "a\0b", "two\nlines", "\x7f") if isinstance(value, str) else ():
            with pytest.raises(ValidationError):
                read.model_validate_json(body(fact_type, **{name: bad}))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "12.5", '"12"', "true", "-1"])
def test_a_count_is_a_whole_number_and_nothing_else(number: str) -> None:
    text = body(ANNOUNCED).replace('"stands": 12', f'"stands": {number}')
    assert text != body(ANNOUNCED)
    with pytest.raises(ValidationError):
        read_model(MarketEventAnnounced).model_validate_json(text)


@pytest.mark.parametrize("amount", ["NaN", "1e3", "-1", "", "1.2345", "٣", "20 ", "0x10"])
def test_a_quantity_is_a_plain_decimal_string(amount: str) -> None:
    capacity = {"quantity": amount, "unit": "jar", "period": "day"}
    with pytest.raises(ValidationError):
        read_model(BusinessRegistered).model_validate_json(body(BUSINESS, capacity=capacity))


AMOUNTS = st.decimals(min_value=0, max_value=999_999_999, places=3)


@given(AMOUNTS | st.integers(0, 999_999_999).map(Decimal) | AMOUNTS.map(Decimal.normalize))
def test_a_decimal_is_published_as_the_same_number(amount: Decimal) -> None:
    text = quantity(amount)
    assert Decimal(text) == amount
    capacity = {"quantity": text, "unit": "jar", "period": "day"}
    BusinessRegistered.model_validate_json(body(BUSINESS, capacity=capacity))


@pytest.mark.parametrize("day", ["2017-07-31T00:00:00", "31-07-2017", "2017-02-30", 17378])
def test_a_business_date_is_an_iso_date(day: object) -> None:
    with pytest.raises(ValidationError):
        read_model(BusinessRegistered).model_validate_json(body(BUSINESS, occurred_on=day))


def test_a_naive_time_is_refused() -> None:
    class Timed(BaseModel):
        model_config = ConfigDict(strict=True)
        at: Instant

    with pytest.raises(ValidationError):
        Timed.model_validate_json('{"at": "2017-07-31T08:00:00"}')
    with pytest.raises(ValidationError):
        Timed(at=datetime(2017, 7, 31, 8))  # noqa: DTZ001  the naive one is the point
    assert Timed.model_validate_json('{"at": "2017-07-31T08:00:00+07:00"}').at.utcoffset()


def test_a_published_fact_cannot_be_changed() -> None:
    fact = BusinessRegistered.model_validate_json(body(BUSINESS))
    with pytest.raises(ValidationError):
        fact.sector = "clothing"  # type: ignore[misc]


def test_a_type_belongs_to_one_fact() -> None:
    with pytest.raises(ValueError, match="two facts"):
        published(BUSINESS, topic="registry.business", key="business_id")(Fact)
    assert fact_for(BUSINESS) is BusinessRegistered
    assert fact_for("id.binaan.registry.business.registered.v9") is None
