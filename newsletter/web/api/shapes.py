"""Texts and times as the API takes them: bounded, without control characters, refused rather than bent."""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_NAMED = r"^[^\x00-\x20\x7f-\xa0\u2028\u2029]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\x00-\x20\x7f-\xa0\u2028\u2029])?$"


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""Behind a whole number's bounds: 3.0 is one as well in JSON."""
Text = Annotated[str, Field(max_length=200, pattern=_PRINTABLE)]
LongText = Annotated[str, Field(max_length=2000, pattern=_PRINTABLE)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=_NAMED)]
"""What something is called: begins and ends with what can be seen."""
Email = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$",
        examples=["ada@example.com"],
    ),
]
Language = Annotated[
    str,
    Field(
        max_length=35,
        pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$",
        description="A language tag (BCP 47), or empty.",
        examples=["zh-Hans"],
    ),
]
Attributes = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100, pattern=_NAMED)], LongText],
    Field(
        max_length=100,
        examples=[{"city": "Kyoto"}],
        json_schema_extra={"additionalProperties": False},
    ),
]
AttributeChanges = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100, pattern=_NAMED)], LongText | None],
    Field(max_length=100, json_schema_extra={"additionalProperties": False}),
]
"""Null takes one away."""
Moment = Annotated[datetime.datetime, Field(strict=False)]
"""A time with its zone, ISO 8601."""


class Taken(BaseModel):
    """What a program sends: nothing that is not known here, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Given(BaseModel):
    """What a program gets, taken from what is known by the same names. There may be more in a later version."""

    model_config = ConfigDict(from_attributes=True)


class ConsentTaken(Taken):
    """What the person agreed to, and how that is known: it is kept as your proof."""

    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=_PRINTABLE)] = Field(
        description="The words that the person agreed to.",
        examples=["I would like to receive The Orchard by email."],
    )
    source: Text = Field("", description="Where: a form, a fair.", examples=["checkout"])
    when: Moment | None = Field(None, description="When; now where it is left out.")
    ip: Annotated[str, Field(max_length=45, pattern=r"^[0-9A-Fa-f:.]*$")] = Field(
        "", description="The person's IP address; kept only where signup.keep_ip is on."
    )


class ConsentGiven(Given):
    when: datetime.datetime
    source: str
    text: str
    ip: str
