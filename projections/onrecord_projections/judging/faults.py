"""Faults: what is wrong with a rulebook, where, and what to do."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to repair."""

    file: str
    line: int
    clause: str
    message: str

    def __str__(self) -> str:
        where = f" {self.clause}:" if self.clause else ""
        return f"{self.file}:{self.line}:{where} {self.message}"


class RulebookError(ValueError):
    """A rulebook that cannot be used; `faults` says all that is wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(sorted(faults))


class Places:
    """Finds the line of a clause and of a key in it."""

    def __init__(self, text: str, file_name: str) -> None:
        self.file = file_name
        self._lines = text.splitlines()
        self._heads = [n for n, line in enumerate(self._lines, 1) if re.match(r"\s*\[\[clause\]\]", line)]

    def fault(self, nth: int, key: str | None, message: str, content: Mapping[str, Any]) -> Fault:
        """A fault of the n-th clause, at the line of `key` if it has one."""
        clause = content["clause"][nth]
        name = clause.get("id", f"clause {nth + 1}") if isinstance(clause, dict) else f"clause {nth + 1}"
        return Fault(self.file, self.line(nth, key), str(name), message)

    def line(self, nth: int, key: str | None) -> int:
        """The line of a key of the n-th clause, else of the clause's head."""
        head = self._heads[nth] if nth < len(self._heads) else 1
        end = self._heads[nth + 1] - 1 if nth + 1 < len(self._heads) else len(self._lines)
        wanted = re.compile(rf"\s*(\[*clause\.)?{re.escape(key or '')}\b") if key else None
        for n in range(head, end + 1):
            if wanted and wanted.match(self._lines[n - 1]):
                return n
        return head

    def example(self, nth: int, name: str) -> int:
        """The line of a worked example of the n-th clause."""
        head = self.line(nth, None)
        for n in range(head, len(self._lines) + 1):
            line = self._lines[n - 1].strip()
            if line.startswith("name") and name in line:
                return n
        return head

    def header(self, key: str, message: str) -> Fault:
        """A fault of the lines before the first clause."""
        for n, line in enumerate(self._lines, 1):
            if re.match(rf"\s*\[*{re.escape(key)}\b", line):
                return Fault(self.file, n, "", message)
        return Fault(self.file, 1, "", message)

    def broken(self, error: tomllib.TOMLDecodeError) -> Fault:
        """Where the text stops being TOML."""
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else len(self._lines)
        return Fault(self.file, line, "", f"not TOML: {error}")
