"""The corpus for a reader: a table of the cases, one case with every number, both as JSON."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import click
import numpy as np
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradoracle.arrays import Array
from gradoracle.corpus.document import to_document
from gradoracle.corpus.frozen import Frozen, half_unit
from gradoracle.corpus.text import to_text
from gradoracle.errors import InputError
from gradoracle.reference import Reference

FEW = 48  # entries of an array that are shown in full without being asked for
WIDE = 130  # columns of a terminal that has room for the whole network
LABEL = 18  # columns of the labels

References = Mapping[str, Reference]  # by dtype


def print_cases(cases: Sequence[Frozen], of: int, version: str, console: Console) -> None:
    """Print the table of cases, and how many of how many they are.

    A narrow terminal gets lines of its own for each case instead of columns that are too narrow
    to read: two if every id and what it is fit beside each other, else three.
    """
    rows = [_row(frozen) for frozen in cases]
    if console.width < WIDE:
        _stack(rows, console)
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
        for name in ("case", "level", "network", "n", "flags", "is there to catch"):
            justify: JustifyMethod = "right" if name == "n" else "left"
            table.add_column(name, overflow="fold", justify=justify, no_wrap=name == "case")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
    console.print(Text(f"\n{len(cases)} of the {of} cases of corpus {version}", style="bold"))


def _stack(rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print each case in lines of its own; what is too long goes on indented."""
    heads = []
    for case_id, level, network, n, flags, _ in rows:
        heads.append((case_id, f"{level}, {network}, n {n}{flags and f', {flags}'}"))
    beside = all(len(f"{case_id}  {what}") <= console.width for case_id, what in heads)
    for (case_id, what), row in zip(heads, rows, strict=True):
        console.print(Text.assemble((case_id, "bold"), f"  {what}" if beside else ""))
        if not beside:
            console.print(Padding(Text(what), (0, 0, 0, 4)))
        console.print(Padding(Text(row[-1], style="dim"), (0, 0, 0, 4)))


def _row(frozen: Frozen) -> tuple[str, str, str, str, str, str]:
    """Return id, level, network, n, flags and what it catches."""
    case = frozen.case
    only = [] if len(frozen.dtypes) > 1 else [f"{frozen.dtypes[0]} only"]
    flags = ", ".join([*sorted(case.flags), *only])
    return case.id, case.level, _in_words(frozen), str(case.n), flags, case.catches


def print_case(
    frozen: Frozen, references: References, console: Console, *, full: bool = False
) -> None:
    """Print one case: what it is, its inputs, and for each array of the trace truth and rounding.

    Parameters
    ----------
    frozen : Frozen
    references : mapping of str to Reference
        What rounding may do, by dtype.
    console : rich.console.Console
    full : bool
        Whether every entry is shown, to the last digit.
    """
    case = frozen.case
    console.print(Text(case.id, style="bold"))
    for label, text in (
        ("catches", case.catches),
        ("network", f"{_in_words(frozen)}, {case.n} example{'s' if case.n > 1 else ''}"),
        ("level", case.level),
        ("flags", ", ".join(sorted(case.flags)) or "none"),
        ("needs", ", ".join(case.needs) or "nothing"),
        ("dtypes", ", ".join(frozen.dtypes)),
    ):
        _line(console, label, text)
    console.print(Text("\ninputs: one example per column", style="bold"))
    for name, values in _inputs(frozen):
        _array(console, f"{name} {values.shape}", values, full=full)
    console.print(Text("\ntruth, in the order of computation", style="bold"))
    for name, values in frozen.truth.values.items():
        _array(console, f"{name} {values.shape}", values, full=full)
        _line(console, "  radius", _radius(values, frozen.truth.radii[name]))
        for dtype, reference in references.items():
            if name not in reference.names:
                _line(console, f"  {dtype}", "not judged: saturated, rounding has lost it")
                continue
            for what, errors in (
                ("sigma", reference.sigma(name)),
                ("bound", reference.bound(name)),
            ):
                label = f"  {what} {dtype}"
                if np.isinf(errors).all():
                    _line(console, label, "none: errors of a constant tensor drift together")
                elif full:
                    _array(console, label, errors, full=True, digits=1)
                else:
                    text = f"median {np.median(errors):.1e}, largest {errors.max():.1e}"
                    _line(console, label, text)


def cases_json(cases: Sequence[Frozen], of: int, version: str) -> str:
    """Return the table of cases as JSON, without their numbers."""
    rows = []
    for frozen in cases:
        document = to_document(frozen, answers=False)
        del document["inputs"]
        rows.append(document | {"n": frozen.case.n})
    return to_text({"corpus": version, "count": len(rows), "of": of, "cases": rows})


def case_json(frozen: Frozen, references: References) -> str:
    """Return the frozen document of a case, and sigma and bound by dtype; null where infinite."""
    rounding = {
        dtype: {
            name: {"sigma": _finite(reference.sigma(name)), "bound": _finite(reference.bound(name))}
            for name in reference.names
        }
        for dtype, reference in references.items()
    }
    return to_text(to_document(frozen) | {"rounding": rounding})


def put(text: str, target: str) -> None:
    """Write a text to a file, or to standard output for ``-``.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if target == "-":
        click.echo(text)
        return
    try:
        Path(target).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "a file that can be written", f"{target}: {error.strerror}", "choose another one"
        ) from None


def _in_words(frozen: Frozen) -> str:
    network = frozen.case.network
    runs = [(name, len(list(run))) for name, run in groupby(network.activations)]
    names = " ".join(name if times == 1 else f"{times}x{name}" for name, times in runs)
    text = f"{network} {names}, {network.loss}"
    if network.reduction != "mean":
        text += f", {network.reduction}"
    return text + (f", l2 {network.l2:.9g}" if network.l2 else "")


def _inputs(frozen: Frozen) -> Iterator[tuple[str, Array]]:
    case = frozen.case
    for layer in case.W:
        yield f"W{layer}", case.W[layer]
        yield f"b{layer}", case.b[layer]
    yield "X", case.X
    yield "Y", case.Y


def _line(console: Console, label: str, text: str) -> None:
    _beside(console, label, textwrap.wrap(text, _room(console)))


def _array(
    console: Console, label: str, values: Array, *, full: bool, digits: int | None = None
) -> None:
    """Print an array beside its label; a large one by its corners."""
    if digits is None:
        digits = 16 if full else 5
    text = np.array2string(
        values,
        max_line_width=_room(console),
        threshold=sys.maxsize if full else FEW,
        edgeitems=3,
        formatter={"float_kind": lambda v: f"{v: .{digits}e}"},
    )
    _beside(console, label, text.splitlines())


def _room(console: Console) -> int:
    return max(console.width - LABEL, 40)


def _beside(console: Console, label: str, lines: Sequence[str]) -> None:
    text = Text(label.ljust(LABEL), style="dim")
    text.append(("\n" + " " * LABEL).join(line.rstrip() for line in lines), style="not dim")
    console.print(text, soft_wrap=True)


def _radius(values: Array, radii: Array) -> str:
    if (radii <= half_unit(values)).all():
        return f"at most {radii.max():.1e}: every entry is correctly rounded"
    return f"at most {radii.max():.1e}: {(radii > half_unit(values)).sum()} entries undecided"


def _finite(values: Array) -> object:
    """Return nested lists with None for what JSON has no number for."""
    if values.ndim == 0:
        return float(values) if np.isfinite(values) else None
    return [_finite(row) for row in values]
