"""Strings from a candidate, made harmless before a reader's terminal, browser or parser sees them.

A candidate chooses its name, its reasons and its tracebacks, and may be hostile or just broken:
terminal control sequences, NUL, lone surrogates, characters that turn the direction of writing, a
line of a gigabyte. All renderings start from a report that went through `cleaned`; what is left to
each is to escape its own markup.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:  # a derivation's report does without the machinery of `check`
    from gradoracle.checking.report import Header, Report
    from gradoracle.checking.result import Result

LONGEST_LINE = 1_000  # characters; what is longer is cut
LONGEST_CONTEXT = 20_000  # the end of a traceback is what tells

_SEQUENCES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, screen
    r"|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and its like: titles, links
    r"|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NO_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")  # no XML, and no UTF-8, may hold them
_MARKS = re.compile(  # what Markdown would take for its own, and GitHub's
    r"[\\`\[|~]"  # with no [ there is no link and no image
    r"|(?<!\s)\*|\*(?!\s)"  # A * B is none
    r"|(?<![^\W_])_|_(?![^\W_])"  # W_1 is none
    r"|^#|^[-+=](?=[-+=\s]|$)|(?<=^\d)[.)]"  # a heading, a rule, a list
    r"|#(?=\d)|:(?=[/\w+-])"  # an issue, an address and :smile:
)
_BREAKS = re.compile("[\n\t\u2028\u2029 ]+")


def clean(text: str) -> str:
    """Return the text without control sequences and control characters; lines stay lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_CHARACTERS.sub("\ufffd", _CONTROLS.sub("", _SEQUENCES.sub("", text)))


def line(text: str) -> str:
    """Return the text cleaned, in one line that is not endless."""
    text = _BREAKS.sub(" ", clean(text[: 4 * LONGEST_LINE])).strip()
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"


def lines(text: str) -> str:
    """Return several lines cleaned, none of them endless; of too many the last."""
    cut = clean(text[-LONGEST_CONTEXT:])
    cut = f"…{cut}" if len(text) > LONGEST_CONTEXT else cut
    return "\n".join(one[:LONGEST_LINE] for one in cut.split("\n"))


def cleaned(report: Report) -> Report:
    """Return the report with every string that a candidate may have chosen made harmless.

    Entries of a list of known failures too: it may have been copied from a report.
    """
    footer = report.footer
    if footer is not None and footer.stale:
        footer = replace(footer, stale=tuple(map(line, footer.stale)))
    return replace(
        report,
        header=cleaned_header(report.header),
        results=[cleaned_result(result) for result in report.results],
        footer=footer,
    )


def cleaned_header(header: Header) -> Header:
    """Return the header with the candidate's name, target and notes made harmless."""
    about = header.about
    told = replace(
        about,
        name=line(about.name),
        language=line(about.language),
        release=line(about.release),
        notes=tuple(map(line, about.notes)),
    )
    return replace(header, about=told, target=line(header.target))


def cleaned_result(result: Result) -> Result:
    """Return one result with reasons, complaints and context made harmless."""
    verdict = result.verdict
    if verdict is not None and any(t.reason for t in verdict.tensors):
        tensors = tuple(
            replace(t, reason=line(t.reason)) if t.reason else t for t in verdict.tensors
        )
        verdict = replace(verdict, tensors=tensors)
    complaints = tuple(
        replace(c, finding=line(c.finding), tensor=line(c.tensor), detail=line(c.detail))
        for c in result.complaints
    )
    return replace(
        result,
        case=line(result.case),
        reason=line(result.reason),
        context=lines(result.context),
        verdict=verdict,
        complaints=complaints,
        reproduce=line(result.reproduce),
    )


def for_html(text: str) -> str:
    """Return cleaned text as HTML, in an element or a quoted attribute."""
    return html.escape(clean(text), quote=True)


def for_xml(text: str) -> str:
    """Return cleaned text as XML character data."""
    return escape(clean(text))


def for_markdown(text: str) -> str:
    """Return one cleaned line that Markdown, HTML in Markdown and a table's cell take literally."""
    return _MARKS.sub(r"\\\g<0>", html.escape(line(text), quote=False))
