"""A folder of frozen cases: its manifest, and the cases by level, pattern or id."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path

from gradoracle.case import LEVELS
from gradoracle.corpus.document import from_document
from gradoracle.corpus.frozen import Frozen, FrozenTruth
from gradoracle.corpus.manifest import Row, read_manifest
from gradoracle.corpus.needs import check_each, circle
from gradoracle.corpus.place import Place
from gradoracle.corpus.text import parse
from gradoracle.errors import InputError, NothingCheckedError

PACKAGED = Path(__file__).parent / "v1"
MANIFEST = "manifest.json"


class Library:
    """A folder of frozen cases, read as they are asked for and kept.

    Parameters
    ----------
    folder : Path
        Holds ``manifest.json`` and the files that it names.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, Frozen] = {}
        self._settled: set[str] = set()  # ids whose needs lead to an end

    @property
    def version(self) -> str:
        """The corpus' own semantic version."""
        return self._manifest[0]

    @property
    def sha256(self) -> str:
        """SHA-256 of the manifest, which holds that of every case."""
        return hashlib.sha256(_bytes(Place(self.folder / MANIFEST))).hexdigest()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The lines of the manifest, in the order of the corpus."""
        return self._manifest[1]

    @cached_property
    def _manifest(self) -> tuple[str, tuple[Row, ...]]:
        place = Place(self.folder / MANIFEST)
        return read_manifest(parse(_bytes(place), place), place)

    def load(
        self,
        level: str | Collection[str] | None = None,
        match: str | Collection[str] | None = None,
    ) -> list[Frozen]:
        """Return the cases of some levels whose ids match a pattern, in the order of the corpus.

        Parameters
        ----------
        level : str or collection of str, optional
            Out of ``required``, ``recommended``, ``stress``; all by default.
        match : str or collection of str, optional
            Patterns such as ``two-layer.*``; one of them must match. All by default.

        Raises
        ------
        InputError
            For a level that is none, or a file that is not as it was frozen.
        NothingCheckedError
            If no case is left.
        """
        levels, patterns = _several(level) or LEVELS, _several(match)
        for name in levels:
            if name not in LEVELS:
                raise InputError(f"a level out of {', '.join(LEVELS)}", repr(name), "check it")
        chosen = [
            row
            for row in self.rows
            if row.level in levels
            and (not patterns or any(fnmatchcase(row.id, p) for p in patterns))
        ]
        if not chosen:
            raise NothingCheckedError(
                f"a case like {' or '.join(patterns) or '*'} at level {' or '.join(levels)}",
                f"none of the {len(self.rows)} of corpus {self.version}",
                "patterns are like 'two-layer.*'; 'gradoracle cases' lists the ids",
            )
        return [self._settle(self._read(row)) for row in chosen]

    def find(self, case_id: str) -> Frozen:
        """Return one case.

        Raises
        ------
        InputError
            With the nearest ids, if there is none of this one.
        """
        row = next((row for row in self.rows if row.id == case_id), None)
        if row is None:
            near = difflib.get_close_matches(case_id, [row.id for row in self.rows], 3, 0.5)
            raise InputError(
                f"a case of corpus {self.version}",
                repr(case_id),
                f"did you mean {' or '.join(near)}?" if near else "'gradoracle cases' lists them",
            )
        return self._settle(self._read(row))

    @cached_property
    def _known(self) -> dict[str, tuple[Library, Row]]:
        """Every case that may be needed: a folder may be an excerpt of the packaged corpus."""
        whole = packaged()
        known = {row.id: (whole, row) for row in (whole.rows if whole is not self else ())}
        return known | {row.id: (self, row) for row in self.rows}

    @cached_property
    def _levels(self) -> dict[str, str]:
        return {case_id: row.level for case_id, (_, row) in self._known.items()}

    def _read(self, row: Row) -> Frozen:
        if row.id not in self._kept:
            self._kept[row.id] = _read_case(Place(self.folder / row.file, row.id), row)
        return self._kept[row.id]

    def _settle(self, frozen: Frozen) -> Frozen:
        """Return a case after following its needs to their ends."""
        if frozen.case.id not in self._settled:
            found = circle(frozen.case.id, self._needs, self._settled)
            if found:
                place = Place(self.folder / f"cases/{found[0]}.json", found[0])
                raise place.at("needs").error("needs that are not circular", " -> ".join(found))
        return frozen

    def _needs(self, case_id: str) -> tuple[str, ...]:
        library, row = self._known[case_id]
        case = library._read(row).case
        check_each(case, self._levels, Place(library.folder / row.file, case_id))
        return case.needs


@cache
def packaged() -> Library:
    """Return the corpus that is part of the package."""
    return Library(PACKAGED)


def load(
    level: str | Collection[str] | None = None, match: str | Collection[str] | None = None
) -> list[Frozen]:
    """Return cases of the packaged corpus; see `Library.load`."""
    return packaged().load(level, match)


def find(case_id: str) -> Frozen:
    """Return one case of the packaged corpus; see `Library.find`."""
    return packaged().find(case_id)


def truth_of(case_id: str) -> FrozenTruth:
    """Return the frozen truth of a case of the packaged corpus."""
    return find(case_id).truth


def _several(names: str | Collection[str] | None) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def _bytes(place: Place) -> bytes:
    try:
        return place.file.read_bytes()
    except FileNotFoundError:
        raise place.error("a file", "no file of that name") from None
    except OSError as error:
        raise place.error("a readable file", str(error.strerror)) from None


def _read_case(place: Place, row: Row) -> Frozen:
    text = _bytes(place)
    digest = hashlib.sha256(text).hexdigest()
    if digest != row.sha256:
        raise place.error(
            f"the file that was frozen, SHA-256 {row.sha256[:12]}…",
            f"{digest[:12]}…, {len(text):,} bytes: it was cut short or edited",
        )
    frozen = from_document(parse(text, Place(place.file)), Place(place.file))
    if frozen.case.id != row.id:
        raise place.at("id").error(row.id, frozen.case.id)
    if frozen.case.level != row.level:
        raise place.at("level").error(f"{row.level}, as the manifest says", frozen.case.level)
    return frozen
