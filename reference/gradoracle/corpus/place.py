"""Where in the corpus something is wrong: file, id and field, in every message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gradoracle.errors import InputError

MEND = "take the file from the release again; 'gradoracle corpus verify' checks all of them"


class CorpusError(InputError):
    """A corpus file that is not what it should be; says in which file, case and field."""


@dataclass(frozen=True)
class Place:
    """A file, the case in it (once it is known), and a field of that.

    Attributes
    ----------
    file : Path
    case_id : str
    field : str
        With dots and indices, e.g. ``truth.dW1.hex[0][2]``.
    """

    file: Path
    case_id: str = ""
    field: str = ""

    def of(self, case_id: str) -> Place:
        """Return the place of a case in this file."""
        return Place(self.file, case_id, self.field)

    def at(self, name: str) -> Place:
        """Return the place of a field of this one."""
        return Place(self.file, self.case_id, f"{self.field}.{name}" if self.field else name)

    def entry(self, *index: int) -> Place:
        """Return the place of an entry of this field."""
        return Place(self.file, self.case_id, self.field + "".join(f"[{i}]" for i in index))

    def error(self, expected: str, got: str, mend: str = MEND) -> CorpusError:
        """Return the error to raise, on one line that begins with this place."""
        where = ", ".join(part for part in (str(self.file), self.case_id, self.field) if part)
        return CorpusError(f"in {where}: {expected}", " ".join(got.split()), mend)
