"""A checked derivation as a table in a notebook, whose styles are its own.

A notebook may be light or dark, and sites that show it drop style sheets: every style stands in its
element, and the colours are read on both.
"""

from __future__ import annotations

from gradoracle.derivation.verdicts import Checked
from gradoracle.report.derivation_facts import headline, unsaid
from gradoracle.report.derivation_page import TONES, remark
from gradoracle.report.derivation_rows import Row, rows
from gradoracle.report.safe import for_html

CHIP = "border-radius:3px;color:#fff;padding:1px 7px;white-space:nowrap;background:"
BACK = {
    "good": "#1a7f37",
    "bad": "#b3261e",
    "fed": "#8a5a00",
    "vague": "#8a5a00",
    "plain": "#57606a",
}
LEFT = "text-align:left;vertical-align:baseline;"


def to_table(checked: Checked) -> str:
    """Return the verdicts as an HTML table."""
    title, _, rest = headline(checked).partition("  ")
    tone = BACK[TONES.get(title, "vague")]
    body = "".join(map(_row, rows(checked)))
    notes = "".join(f"<p><small>{for_html(note)}</small></p>" for _, note in unsaid(checked))
    return (
        f'<div><p><span style="{CHIP}{tone}">{for_html(title)}</span> {for_html(rest)}</p>'
        f'<table style="color:inherit"><tbody>{body}</tbody></table>{notes}</div>'
    )


def _row(row: Row) -> str:
    chip = f'<span style="{CHIP}{BACK[row.tone]}">{for_html(row.verdict)}</span>'
    indent = f"padding-left:{row.depth * 4}ch;"
    said = "".join(f"<br><small>{remark(fact)}</small>" for fact in row.remarks)
    return (
        f'<tr><td style="{LEFT}">{row.number}</td>'
        f'<td style="{LEFT}">{chip if row.verdict else ""}</td>'
        f'<td style="{LEFT}"><div style="{indent}"><code style="white-space:pre-wrap">'
        f"{for_html(row.formula)}</code>{said}</div></td></tr>"
    )
