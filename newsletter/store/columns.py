"""What the tables' columns are made of: ids, references, moments; and the names of indexes and keys."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime.datetime]):
    """A moment: aware in Python, UTC in the database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        return value.astimezone(datetime.UTC) if value is not None else None

    def process_result_value(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        return (
            value.replace(tzinfo=datetime.UTC)
            if value.tzinfo is None
            else value.astimezone(datetime.UTC)
        )


def id_column(*args: Any) -> Column[int]:
    return Column("id", Id, *args, primary_key=True, autoincrement=True)


def refers(name: str, to: str, *, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{to}.id"), nullable=False, index=index)
