"""A checked derivation as one HTML page: line, verdict, formula, and what is to be said of it.

The page asks for nothing from outside, has no script, works offline, in light and dark, and on a
telephone. Verdicts are words; colours and signs only repeat them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template

from gradoracle.derivation.verdicts import Checked
from gradoracle.report.derivation_facts import Fact, facts, headline
from gradoracle.report.derivation_rows import Row, rows
from gradoracle.report.safe import for_html, line

FOLDER = Path(__file__).parent / "template"
TONES = {"RIGHT": "good", "WRONG": "bad"}  # of the headline; the others are vague
CODE = ("typed", "mend")  # remarks that are formulas


def to_page(checked: Checked, *, strict: bool = False) -> str:
    """Return the verdicts as a self-contained HTML page."""
    style = (FOLDER / "derivation.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    title, _, rest = headline(checked, strict=strict).partition("  ")
    first = checked.first
    number = str(first.line.number) if first else ""
    return Template((FOLDER / "derivation.html").read_text(encoding="utf-8")).substitute(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
        style=style,
        title=for_html(title),
        tone=TONES.get(title, "vague"),
        rest=for_html(rest),
        name=for_html(line(": ".join(filter(None, (checked.name, checked.header.title))))),
        jump=f'<p><a href="#line-{number}">to line {number}</a></p>\n' if first else "",
        body="".join(_row(row, number) for row in rows(checked)),
        facts="".join(_facts(checked)),
    )


def _row(row: Row, first: str) -> str:
    """Return a line of the table; the first wrong one is marked."""
    kinds = [row.tone, "inside" * row.depth, "loop" * (not row.verdict)]
    kinds.append("first" * (row.number == first and row.tone == "bad"))
    place = f' id="line-{row.number}"' if row.number else ""
    mark = f'<span class="mark">{for_html(row.verdict)}</span>' if row.verdict else ""
    remarks = "".join(f"<p>{remark(fact)}</p>" for fact in row.remarks)
    cell = '<td role="cell"'
    return (
        f'<tr role="row" class="{" ".join(filter(None, kinds))}"{place}>'
        f"{cell}>{row.number}</td>{cell}>{mark}</td>"
        f'{cell} class="formula"><code>{for_html(row.formula)}</code>{remarks}</td></tr>\n'
    )


def remark(fact: Fact) -> str:
    """Return what stands below a formula as HTML."""
    label, text = fact
    said = f"<code>{for_html(text)}</code>" if label in CODE else for_html(text)
    return f"<b>{for_html(label)}</b> {said}" if label else said


def _facts(checked: Checked) -> Iterator[str]:
    """Yield the labels with their texts; a label that is told several times stands once."""
    for label, several in groupby(facts(checked), key=itemgetter(0)):
        yield f"<dt>{for_html(label)}</dt>"
        yield from (f"<dd>{for_html(text)}</dd>" for _, text in several)
