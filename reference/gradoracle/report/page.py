"""A report as one HTML page: cases down, tensors across, the error in sigma as colour.

The page asks for nothing from outside, works offline, in light and dark, with the keyboard, and
shows the table without scripts too. Its content security policy lets only its own script and style
run, by their hash.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from string import Template

from gradoracle.checking.report import Report
from gradoracle.checking.result import Outcome, Result
from gradoracle.report.check import candidate, counts_line, coverage, headline, sensitivity, why
from gradoracle.report.failure import block, numbers
from gradoracle.report.safe import cleaned, for_html
from gradoracle.rounding import SIGMAS
from gradoracle.verdict import TensorVerdict, Verdict

FOLDER = Path(__file__).parent / "template"
STEPS = (1e2, 1e4, 1e7, 1e10)  # of sigma: where a wrong cell gets the next colour
MARKS = {Verdict.FAIL: "×", Verdict.CANNOT_TELL: "?"}  # noqa: RUF001  colour alone is not enough


def to_page(report: Report) -> str:
    """Return the report as a self-contained HTML page."""
    report = cleaned(report)
    style, script = (_part(name) for name in ("page.css", "page.js"))
    title, _, rest = headline(report).partition("  ")
    names = columns(report)
    return Template(_part("page.html")).substitute(
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}",
        style=style,
        script=script,
        title=for_html(title),
        tone="good" if report.ok else "bad",
        rest=for_html(rest),
        candidate=for_html(candidate(report)),
        counts="".join(_counts(report)),
        facts="".join(_facts(report)),
        legend="".join(_legend()),
        head="".join(f'<th scope="col"><span>{for_html(name)}</span></th>' for name in names),
        body="".join(_bodies(report, names)),
        blocks="".join(_told(report)),
    )


def columns(report: Report) -> list[str]:
    """Return the names of all tensors in the order of computation of the deepest network."""
    names = {t.name for r in report.results for t in r.tensors}
    names |= {name for r in report.results for name in r.missing}
    depth = max(
        (int(name[2:] if name[0] == "d" else name[1:]) for name in names if name[-1:].isdigit()),
        default=0,
    )
    ordered = [f"{what}{layer}" for layer in range(1, depth + 1) for what in "ZA"] + ["J"]
    for layer in range(depth, 0, -1):
        ordered += [f"{what}{layer}" for what in ("dA", "dZ", "dW", "db")]
    return [name for name in [*ordered, "dX"] if name in names]


def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _counts(report: Report) -> Iterator[str]:
    """Yield a button for each outcome, which shows only the cases that ended so."""
    for outcome, count in report.counts.items():
        off = "" if count else " disabled"
        yield (
            f'<button type="button" class="count {_class(outcome)}" data-outcome="{outcome}" '
            f'aria-pressed="false"{off}><b>{count:,}</b> {outcome}</button>'
        )


def _facts(report: Report) -> Iterator[str]:
    header, footer = report.header, report.footer
    facts = [("conventions", str(header.about.conventions))]
    facts += [("note", note) for note in header.about.notes]
    facts += [("results", counts_line(report)), ("coverage", coverage(report))]
    facts += [("sensitivity", text) for text in sensitivity(report)]
    facts += [("stale", entry) for entry in (footer.stale if footer else ())]
    facts.append(("platform", f"gradoracle {header.gradoracle}, {header.platform}"))
    facts += [("corpus SHA-256", header.sha256)] if header.sha256 else []
    seconds = f", {footer.seconds:.1f} s" if footer else ""
    facts.append(("started", header.started + seconds))
    for name, text in facts:
        yield f"<dt>{name}</dt><dd>{for_html(text)}</dd>"


def _legend() -> Iterator[str]:
    """Yield the colours in words."""
    right = [
        (f"p{step}", str(step) if step in (0, 4, SIGMAS) else "") for step in range(SIGMAS + 1)
    ]
    powers = (f"1e{round(math.log10(step))}" for step in STEPS)
    wrong = enumerate((str(SIGMAS), *powers))
    yield '<span class="words">right: error in sigma</span>'
    yield from (f'<span class="cell {name}">{text}</span>' for name, text in right)
    yield '<span class="words">wrong: more than</span>'
    yield from (f'<span class="cell wide f{step}">{text}</span>' for step, text in wrong)
    for name, mark, words in (
        ("f2 first", MARKS[Verdict.FAIL], "first wrong"),
        ("u", "?", "cannot tell"),
        ("m", "!", "missing"),
        ("n", "", "not returned"),
    ):
        yield f'<span class="cell {name}">{mark}</span><span class="words after">{words}</span>'


def _bodies(report: Report, names: Sequence[str]) -> Iterator[str]:
    """Yield one body of the table for each case, with a row for each dtype."""
    numbered = enumerate(report.results)
    for case, group in groupby(numbered, key=lambda pair: pair[1].case):
        results = list(group)
        outcomes = " ".join(str(r.outcome).replace(" ", "-") for _, r in results)
        rows = [_row(number, result, names) for number, result in results]
        first = f'<th scope="rowgroup" rowspan="{len(rows)}">{for_html(case)}</th>'
        text = for_html(" ".join({r.reason: "" for _, r in results}))
        yield f'<tbody data-outcomes="{outcomes}" data-text="{for_html(case)} {text}"><tr>{first}'
        yield "</tr><tr>".join(rows)
        yield "</tr></tbody>\n"


def _row(number: int, result: Result, names: Sequence[str]) -> str:
    outcome = result.outcome
    short = result.dtype.replace("float", "f")
    label = f"{result.case} {result.dtype}: {outcome}"
    state = (
        f'<td class="state {_class(outcome)}" data-r="{number}" aria-label="{for_html(label)}">'
        f"{short} {outcome}</td>"
    )
    if not result.tensors and not result.missing:
        reason = f"{result.crash}: {result.reason}" if result.crash else why(result)
        return (
            f'{state}<td class="why" colspan="{len(names)}" data-r="{number}">'
            f"<span>{for_html(reason)}</span></td>"
        )
    tensors = {tensor.name: tensor for tensor in result.tensors}
    first = result.first_wrong
    cells = [_cell(number, result, name, tensors.get(name), first) for name in names]
    return state + "".join(cells)


def _cell(
    number: int,
    result: Result,
    name: str,
    tensor: TensorVerdict | None,
    first: TensorVerdict | None,
) -> str:
    if tensor is None:
        if name not in result.missing:
            return f'<td class="n" data-r="{number}"></td>'
        return f'<td class="m" data-r="{number}" aria-label="{name} missing">!</td>'
    kind = color(tensor) + (" first" if tensor is first else "")
    label = for_html(_label(tensor))
    mark = MARKS.get(tensor.verdict, "")
    return f'<td class="{kind}" data-r="{number}" aria-label="{label}">{mark}</td>'


def color(tensor: TensorVerdict) -> str:
    """Return the class of a cell: ``p0`` to ``p8`` are right, ``f0`` to ``f4`` wrong, ``u`` is
    neither.
    """
    if tensor.verdict is Verdict.CANNOT_TELL:
        return "u"
    if tensor.verdict is Verdict.PASS:
        return f"p{min(math.floor(tensor.sigmas), SIGMAS)}"
    excess = max(tensor.sigmas, SIGMAS * tensor.share)
    return f"f{sum(not excess < step for step in STEPS)}"  # NaN is the worst


def _label(tensor: TensorVerdict) -> str:
    """Return what a cell says aloud, and below the table."""
    if not tensor.judged:
        return f"{tensor.name}: {tensor.verdict}, {tensor.reason}"
    size = f"{tensor.sigmas:.2g} sigma, {tensor.share:.2g} x bound"
    if tensor.verdict is not Verdict.FAIL:
        reason = f", {tensor.reason}" if tensor.reason else ""
        return f"{tensor.name}: {tensor.verdict}, {size}{reason}"
    expected, got = numbers(tensor)
    where = f"[{', '.join(map(str, tensor.index))}]" if tensor.index else ""
    right = f"expected {expected} " if expected else ""
    return f"{tensor.name}{where}: {tensor.verdict}, {right}got {got}, {size}"


def _class(outcome: Outcome) -> str:
    return f"o-{str(outcome).replace(' ', '-')}"


def _told(report: Report) -> Iterator[str]:
    for number, result in enumerate(report.results):
        yield f'<pre id="r{number}">{for_html(block(result, report.header))}</pre>\n'
