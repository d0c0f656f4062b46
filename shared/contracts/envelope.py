"""The envelope of an event on Kafka: CloudEvents 1.0 in binary mode, as record headers.

This is the published description of it (AsyncAPI, examples); `shared/cloudevents.py` reads and
writes it. Structured mode is accepted as well.
"""

from typing import Annotated, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.values import Instant

Id = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]+$", max_length=200)]


class Attributes(BaseModel):
    """The attributes of an event. Identity is `source` and `id`."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    specversion: Literal["1.0"]
    id: Annotated[Id, Field(description="Unique within the source; ours are UUIDv7.")]
    source: Annotated[Id, Field(description="Who says so; one source per topic.")]
    type: Annotated[Id, Field(description="What happened, and the version of its contract.")]
    subject: Annotated[Id, Field(description="The aggregate's id; also the record's key.")]
    time: Annotated[Instant, Field(description="When it was recorded, with its offset.")]
    partitionkey: Annotated[Id, Field(description="The record's key.")]
    sequence: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{1,20}$"),
        Field(description="The aggregate's version, rising with each event of the subject."),
    ]
    correlationid: Annotated[
        Id | None, Field(description="Runs through a whole chain of events unchanged.")
    ] = None
    causationid: Annotated[
        Id | None, Field(description="The id of the event that this one follows from.")
    ] = None
    traceparent: Annotated[Id | None, Field(description="W3C trace context.")] = None


class Headers(Attributes):
    """The same as Kafka record headers, UTF-8."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            alias=lambda name: name if name == "traceparent" else f"ce_{name}"
        )
    )

    content_type: Annotated[
        Literal["application/json"], Field(alias="content-type", description="Of the value.")
    ]
