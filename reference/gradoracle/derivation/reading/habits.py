"""What people write out of habit, and how it is written here: better said than "no formula"."""

from __future__ import annotations

import re
from collections.abc import Callable

from gradoracle.derivation.limits import LINE_CHARACTERS, DerivationError
from gradoracle.derivation.reading.network_line import WORDS
from gradoracle.derivation.reading.refusals import nearest
from gradoracle.derivation.reading.spelling.signs import NAMES
from gradoracle.derivation.reading.vocabulary import ALIASES, FUNCTIONS
from gradoracle.derivation.reading.written_lines import HEADER, HEADERS

OPERATOR = "[-+*/@=\u2218\u2299\u00b7\u00d7\u2212]"
FORMULA = "NAME = FORMULA"
JOIN = "join the lines, or put the whole formula in brackets"
LOOP = re.compile(r"\s*(for\s+\w+\s+in\s+range\s*\([^:]*\))\s*(?::\s*(.+))?")
HEADER_LIKE = re.compile(
    r"\s*(?P<at>[A-Za-z][A-Za-z-]*2?)(?:\s*(?P<colon>:)(?!=)\s*|\s+(?=\w))(.*)"
)
ROUNDS = "write the rounds apart: a loop over those it is for, or a line such as W1 = ... outside"

Mend = str | Callable[[str], str]


def habit(line: str) -> DerivationError | None:
    """Return a better refusal of a line that cannot be read, if one can see what was meant."""
    written = line.split("#", 1)[0].rstrip()
    if len(line) > LINE_CHARACTERS or not written.replace("\t", " ").isprintable():
        return None  # what is unseen or endless is said first
    if HEADER.fullmatch(written):
        return None
    for pattern, expected, mend in HABITS:
        if found := re.match(pattern, written):
            said = mend if isinstance(mend, str) else mend(written)
            got = written.strip()[:60]
            return DerivationError(expected, got, said, column=found.start("at") + 1)
    return _header_like(written) or _prose(written)


def _header_like(written: str) -> DerivationError | None:
    found = HEADER_LIKE.fullmatch(written)
    mend = _meant_header(found) if found else ""
    got = written.strip()[:60]
    return DerivationError("a formula or a header line", got, mend, column=1) if mend else None


def _meant_header(found: re.Match[str]) -> str:
    """Return how a line that looks like one of the header is written; empty if it is none."""
    word, rest = found["at"].lower(), found[3].strip()
    known = (*HEADERS, *WORDS)
    near = word if word in known else nearest(word, known) if found["colon"] else ""
    if not near and not found["colon"]:
        return ""
    listed = f"known header lines: {', '.join(f'{name}:' for name in HEADERS)}"
    if not near:
        return f"{listed}; a formula is NAME = FORMULA, a comment begins with #"
    if found["colon"] and near in HEADERS:
        return f"did you mean {near}:? {listed}"
    meant = f"{near}: {rest}" if near in HEADERS else f"network: ..., {near} {rest}"
    meant = meant if len(meant) <= 60 else meant[: meant.rindex(" ", 0, 60)] + " ..."
    return f"did you mean {meant}? {listed}"


def _prose(written: str) -> DerivationError | None:
    """Refuse words in a row: a sentence between the formulas."""
    known = {*FUNCTIONS, *ALIASES, *NAMES.values()}
    in_a_row = re.search(r"(?<![\w\\])([^\W\d_]{2,}),? ([^\W\d_]{2,})(?![\w(])", written)
    if in_a_row is None or re.match(r"\s*\S+\s*:?=", written):
        return None
    if "\\" in written and "=" in written[: in_a_row.start()]:
        return None
    if known & {in_a_row[1], in_a_row[2]} or not in_a_row[2].islower():
        return None
    mend = "a comment begins with #; a formula is NAME = FORMULA"
    return DerivationError("a formula", f"words: {written.strip()[:60]}", mend, column=1)


def _loop(written: str) -> str:
    """Return the loop that was meant, with its own range where it has one."""
    found = LOOP.fullmatch(written)
    loop = found[1] if found else "for l in range(L-1, 0, -1)"
    body = f", and {found[2][:40]} indented below it" if found and found[2] else ""
    return f"{loop}: with the colon, on a line of its own{body}"


HABITS: list[tuple[str, str, Mend]] = [  # pattern, expected, mend
    (
        r"\s*for\s+\w+\s+in\s+(?P<at>xrange)\b",
        "a loop over the layers",
        "write range for xrange",
    ),
    (
        r"\s*(?P<at>for|while|repeat|until|loop)\b(?=.*\b(epochs?|iter\w*|steps?|converge\w*|True)\b).*$",
        "a formula, or a loop over the layers",
        "leave the line out: one round of what repeats is judged",
    ),
    (r"\s*(?P<at>for)\s(?!.*\brange\s*\(.*\)\s*:$)", "a loop over the layers", _loop),
    (
        r"\s*(?P<at>\w+\s*\[[^\]]*[<>=]=?[^\]]*\])\s*=",
        "a name on the left",
        "nothing is set by a mask: write dZ1 = dA1 * (Z1 > 0)",
    ),
    (r"\s*(?P<at>if|elif|else)\b.*:$", FORMULA, f"there is no if: {ROUNDS}"),
    (r"\s*(?P<at>while)\b.*:$", FORMULA, "loops are for l in range(L, 0, -1):"),
    (
        r"\s*(?P<at>def|return|import|from|print|class|assert)\b(?!\s*=)",
        FORMULA,
        "leave the line out: a derivation holds formulas and loops alone",
    ),
    (
        r".*?[^\s\d]\s*(?P<at>\.[*/^])",
        "an operator of Python",
        "write * / ** for MATLAB's .* ./ .^, @ for its matrix product, .T for its transpose '",
    ),
    (
        r"\s*[^\s=<>()]+\s*(?P<at><-|->)[^=]*$",
        FORMULA,
        "write = to set a name",
    ),
    (
        r".*?(?<!\\)(?P<at>;)\s*[^\s=][^=]*=",
        FORMULA,
        "one formula a line: write the next one on the next line",
    ),
    (r"[^=<>!:]*(?P<at>==)[^=]*$", FORMULA, "write = to set a name"),
    (
        r"[^=<>!]*[^=<>!\s:]\s*(?P<at>:?=)$",
        "a whole formula",
        "write the right side, on the same line",
    ),
    (
        rf".*[\w)\]}}']\s*{OPERATOR}?\s*(?P<at>{OPERATOR}|\\)$",
        "a whole formula",
        f"the formula ends in an operator: {JOIN}",
    ),
    (
        r"\s*&?\s*(?P<at>(?!-{2})[-+*/@\u2218\u2299\u2212])\s*(?:[^\W\d]|\\)",
        "a whole formula",
        f"the formula begins with an operator: {JOIN}",
    ),
]
