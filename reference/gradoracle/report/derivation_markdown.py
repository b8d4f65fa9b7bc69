"""A checked derivation as Markdown, for the summary of a CI step or a comment."""

from __future__ import annotations

from collections.abc import Iterator

from gradoracle.derivation.verdicts import Checked
from gradoracle.report.derivation_facts import facts, headline
from gradoracle.report.derivation_rows import Row, rows, sentence
from gradoracle.report.safe import for_markdown, line

INDENT = "&emsp;&emsp;"


def to_markdown(checked: Checked, *, strict: bool = False) -> str:
    """Return the verdicts as GitHub's Markdown."""
    return "\n".join(_parts(checked, strict=strict)) + "\n"


def _parts(checked: Checked, *, strict: bool) -> Iterator[str]:
    title, _, rest = headline(checked, strict=strict).partition("  ")
    yield f"### gradoracle derive: {title}"
    yield f"\n{for_markdown(line(checked.name))}: {for_markdown(rest)}\n"
    yield "| line | verdict | formula |\n| ---: | --- | --- |"
    yield from map(_row, rows(checked))
    yield ""
    yield from (f"- {label}: {for_markdown(text)}" for label, text in facts(checked))


def _row(row: Row) -> str:
    verdict = for_markdown(row.verdict)
    verdict = f"**{verdict}**" if row.tone == "bad" else verdict
    said = "".join(f"<br>{for_markdown(sentence(fact))}" for fact in row.remarks)
    formula = f"{INDENT * row.depth}<code>{for_markdown(row.formula)}</code>"
    return f"| {row.number} | {verdict} | {formula}{said} |"
