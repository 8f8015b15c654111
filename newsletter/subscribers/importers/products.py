"""Export files of other products: one module each, all of this shape, found by the columns of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from newsletter.subscribers.importers.columns import ATTRIBUTE, field_of


class Product(Protocol):
    """What a module of a product has."""

    NAME: str

    def recognises(self, columns: frozenset[str], file: str) -> bool:
        """Whether a file with these columns is its export."""
        ...

    def values(self, cells: Mapping[str, str], file: str) -> dict[str, str]:
        """A line's cells by their columns, as values by `columns.FIELDS` and attributes. Raises Skip."""
        ...


def products() -> tuple[Product, ...]:
    from newsletter.subscribers.importers import (
        buttondown,
        ghost,
        kit,
        listmonk,
        mailchimp,
        substack,
    )

    return (mailchimp, substack, ghost, listmonk, buttondown, kit)


def rest(cells: Mapping[str, str], *used: str) -> dict[str, str]:
    """The columns that a product's module has no use for, as attributes, where they say something."""
    return {
        f"{ATTRIBUTE}{column}": cell
        for column, cell in cells.items()
        if cell and column and column not in used
    }


def mapped(cells: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    """What the person who imports says of columns, over what the product's module says."""
    return {field_of(column, to): cells.get(column, "") for column, to in mapping.items()}
