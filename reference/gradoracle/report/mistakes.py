"""The gallery of known mistakes for a reader: by family, one in full, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradoracle.corpus.text import to_text
from gradoracle.mistakes.alike import Alike, alike_to
from gradoracle.mistakes.gallery import learnt, measure, number, shown_cosine, train
from gradoracle.mistakes.mistake import Mistake


def print_mistakes(mistakes: Sequence[Mistake], console: Console) -> None:
    """Print names and symptoms, family by family."""
    for family, members in groupby(mistakes, lambda mistake: mistake.family):
        console.print(Text(family, style="bold"))
        for mistake in members:
            console.print(Padding(Text(mistake.name), (0, 0, 0, 2), expand=False))
            console.print(Padding(Text(mistake.symptom, style="dim"), (0, 0, 0, 6), expand=False))
        console.print()
    console.print(Text(f"{len(mistakes)} known mistakes; 'gradoracle mistakes NAME' shows one"))


def print_mistake(mistake: Mistake, console: Console) -> None:
    """Print all that is known of one."""
    console.print(Text(mistake.name, style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, text in _rows(mistake):
        table.add_row(Text(label), Text(text))
    console.print(table)


def _same(other: str, row: Alike) -> str:
    shown = "" if row.returned == "everything" else f", in {row.returned}"
    return f"as {other}, {row.where}{shown}: {row.why}"


def _rows(mistake: Mistake) -> list[tuple[str, str]]:
    m, t = measure(mistake), train(mistake)
    rows = [
        ("family", mistake.family),
        ("looks like", mistake.symptom),
        ("tempting", mistake.tempting),
        ("mend", mistake.mend),
        ("code", mistake.code),
        ("can be made at", mistake.place),
        ("wrong first", ", ".join(mistake.touches)),
        *(("published", s.text + (f" {s.url}" if s.url else "")) for s in mistake.sources),
        *(("same numbers", _same(other, row)) for other, row in alike_to(mistake.name)),
    ]
    if m.places:
        dW1 = f"relative error {number(m.error_dW1)}, cosine {shown_cosine(m.cosine_dW1)}"
        whole = f"relative error {number(m.error)}, cosine {shown_cosine(m.cosine)}"
        rows += [
            ("dW1", dW1),
            ("all gradients", whole),
            ("J", f"relative error {number(m.error_J)}"),
        ]
        rows += [("median of", f"{m.places} places in {', '.join(m.cases)}")]
    else:
        rows += [("measured", "no error above 1e-12 of the largest entry in any case")]
    if t is None:
        return [*rows, ("training", "changes nothing in the small problems that were trained")]
    return [
        *rows,
        (
            "training",
            f"J from {number(t.start)} to {learnt(t)} in 500 steps, in brackets the right",
        ),
        ("", t.problem),
    ]


def mistakes_json(mistakes: Sequence[Mistake]) -> str:
    """Return all of them, without figures."""
    return to_text({"count": len(mistakes), "mistakes": [_fields(one) for one in mistakes]})


def mistake_json(mistake: Mistake) -> str:
    """Return one with its figures; null for what is not finite."""
    m, t = measure(mistake), train(mistake)
    measured = {name: _finite(value) for name, value in vars(m).items() if name != "cases"}
    trained = t and {name: _finite(value) for name, value in vars(t).items()}
    figures = {"measured": measured | {"cases": list(m.cases)}, "trained": trained}
    return to_text(_fields(mistake) | figures)


def _fields(mistake: Mistake) -> dict[str, Any]:
    return {
        "name": mistake.name,
        "family": mistake.family,
        "symptom": mistake.symptom,
        "tempting": mistake.tempting,
        "mend": mistake.mend,
        "code": mistake.code,
        "touches": list(mistake.touches),
        "place": mistake.place,
        "sources": [{"text": source.text, "url": source.url} for source in mistake.sources],
        "alike": [
            {"name": other, "where": row.where, "returned": row.returned, "why": row.why}
            for other, row in alike_to(mistake.name)
        ],
    }


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
