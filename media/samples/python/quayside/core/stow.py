"""Stow: the store of all records, in tables. Records go in and come out as copies."""

from __future__ import annotations

from typing import Any, Dict, List

from quayside.core.outcome import Outcome, landed, snag

Record = Dict[str, Any]


class Stow:
    """Tables of records by their mark."""

    def __init__(self) -> None:
        self._tables: Dict[str, Dict[str, Record]] = {}
        self._last_numbers: Dict[str, int] = {}

    def next_mark(self, prefix: str) -> str:
        """Return a new mark, such as B-0001."""
        number = self._last_numbers.get(prefix, 0) + 1
        self._last_numbers[prefix] = number
        return f"{prefix}-{number:04d}"

    def lay(self, table: str, record: Record) -> Outcome:
        """Put a new record down. Its key "mark" must be new in the table."""
        rows = self._tables.setdefault(table, {})
        if record["mark"] in rows:
            return snag(
                "STOW_TAKEN",
                found=f"{record['mark']} already in {table}",
                wanted="a new mark",
                remedy="Use next_mark, or amend the record.",
            )
        rows[record["mark"]] = dict(record)
        return landed(dict(record))

    def fetch(self, table: str, mark: str) -> Outcome:
        """Return a copy of a record."""
        record = self._tables.get(table, {}).get(mark)
        if record is None:
            return snag(
                "STOW_UNKNOWN",
                found=f"no {mark} in {table}",
                wanted="a mark that is in the table",
                remedy="Check the mark, or lay the record first.",
            )
        return landed(dict(record))

    def amend(self, table: str, mark: str, **changes: Any) -> Outcome:
        """Change some keys of a record and return the changed copy."""
        record = self._tables.get(table, {}).get(mark)
        if record is None:
            return self.fetch(table, mark)
        record.update(changes)
        return landed(dict(record))

    def lift(self, table: str, mark: str) -> Outcome:
        """Take a record out and return it."""
        found = self.fetch(table, mark)
        if not found.snagged:
            del self._tables[table][mark]
        return found

    def sweep(self, table: str, **equal: Any) -> List[Record]:
        """Return copies of all records whose keys have the given values, in the order of their marks."""
        rows = self._tables.get(table, {})
        found = []
        for mark in sorted(rows):
            if all(rows[mark].get(key) == value for key, value in equal.items()):
                found.append(dict(rows[mark]))
        return found
