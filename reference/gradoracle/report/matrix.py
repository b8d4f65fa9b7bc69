"""The agreement matrix in the terminal: cases down, implementations across."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gradoracle.arrays import DTYPES
from gradoracle.case import Case
from gradoracle.implementations import SCIPY
from gradoracle.judge import PREMISE, TensorVerdict, Verdict, classify
from gradoracle.rounding import SIGMAS
from gradoracle.verify import Cell

COLORS = {Verdict.PASS: "green", Verdict.CANNOT_TELL: "yellow", Verdict.FAIL: "bold red"}
MOST_FAILURES = 12  # failure blocks printed; the rest is counted


@dataclass(frozen=True)
class Matrix:
    """Everything `gradoracle verify` found.

    Attributes
    ----------
    cases : sequence of Case
        All that were asked for, in order.
    names : sequence of str
        The columns, in order.
    dtypes : sequence of str
    cells : sequence of Cell
    seconds : float
        Wall time in all.
    """

    cases: Sequence[Case]
    names: Sequence[str]
    dtypes: Sequence[str]
    cells: Sequence[Cell]
    seconds: float

    def column(self, name: str) -> list[Cell]:
        """Return the cells of one implementation."""
        return [cell for cell in self.cells if cell.name == name]

    @property
    def agreeing(self) -> int:
        """How many cases pass everywhere, in every dtype; a case with no cell does not."""
        wrong = {cell.case_id for cell in self.cells if not cell.passed}
        seen = {cell.case_id for cell in self.cells}
        return len(seen - wrong)


def render(matrix: Matrix) -> RenderableType:
    """Return the matrix, what failed, and the counts."""
    parts: list[RenderableType] = [_table(matrix)]
    failures = [cell for cell in matrix.cells if _fails(cell)]
    for cell in failures[:MOST_FAILURES]:
        parts += [Text(), _block(cell, _kind(matrix, cell))]
    if len(failures) > MOST_FAILURES:
        parts += [Text(), Text(f"and {len(failures) - MOST_FAILURES} more like these")]
    if any(_is_proven(cell) for cell in failures):
        parts += [Text(), Text(f"proven: beyond the bound for {PREMISE}", style="dim")]
    vague = _vague(matrix)
    if vague.row_count:
        parts += [Text(), vague]
    return Group(*parts, Text(), _counts(matrix))


def _vague(matrix: Matrix) -> Table:
    """List what cannot be told: a line for each case and dtype, the same for all who share it."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    shared: dict[tuple[str, str, str], list[str]] = {}
    for cell in matrix.cells:
        if cell.verdict is not None and cell.verdict.verdict is Verdict.CANNOT_TELL:
            vague = [t.name for t in cell.verdict.tensors if t.verdict is Verdict.CANNOT_TELL]
            shared.setdefault((cell.case_id, cell.dtype, ", ".join(vague)), []).append(cell.name)
    for (case_id, dtype, tensors), names in shared.items():
        title = Text("cannot tell", style=COLORS[Verdict.CANNOT_TELL])
        table.add_row(title, f"{case_id}  {dtype}  {' '.join(names)}", tensors)
    return table


def _table(matrix: Matrix) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("case", overflow="fold")
    for name in matrix.names:
        table.add_column(name, overflow="fold")
    dtypes = " ".join(f"{dtype.replace('float', 'f'):>5}" for dtype in matrix.dtypes)
    units = ["of own error" if name == SCIPY else dtypes for name in matrix.names]
    table.add_row(Text("worst error in sigma", style="dim"), *(Text(u, style="dim") for u in units))
    cells = {(cell.name, cell.case_id, cell.dtype): cell for cell in matrix.cells}
    for case in matrix.cases:
        row = []
        for name in matrix.names:
            found = [cells.get((name, case.id, dtype)) for dtype in matrix.dtypes]
            row.append(_entry([cell for cell in found if cell is not None]))
        table.add_row(case.id, *row)
    return table


def _entry(cells: Sequence[Cell]) -> Text:
    """Return one entry: the worst error in each dtype, and the worst verdict of them."""
    entry = Text()
    for cell in cells:
        if cell.verdict is None:
            entry.append(f"{'crash':>5} ", style="bold red")
        else:
            worst = cell.verdict.worst
            entry.append(f"{_number(_size(worst, cell)):>5} ", style=COLORS[cell.verdict.verdict])
    if not cells:
        return Text("-", style="dim")
    verdicts = [cell.verdict.verdict for cell in cells if cell.verdict is not None]
    if len(verdicts) < len(cells):
        return entry.append("crashed", style="bold red")
    return entry.append(str(max(verdicts)), style=COLORS[max(verdicts)])


def _size(tensor: TensorVerdict, cell: Cell) -> float:
    """Return what a row counts in: sigmas, or the share of a difference's own derived error."""
    return tensor.share if cell.name == SCIPY else tensor.sigmas


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:.0e}"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"


def _fails(cell: Cell) -> bool:
    verdict = cell.verdict
    return verdict is None or verdict.verdict is Verdict.FAIL or bool(verdict.missing)


def _is_proven(cell: Cell) -> bool:
    tensors = cell.verdict.tensors if cell.verdict else ()
    return cell.name != SCIPY and any(t.proven and math.isfinite(t.got) for t in tensors)


def _kind(matrix: Matrix, cell: Cell) -> str:
    """Say whether the first wrong tensor shrinks with the unit roundoff, if both dtypes ran."""
    first = cell.verdict.first_wrong if cell.verdict else None
    if first is None or cell.name == SCIPY:
        return ""
    found: dict[str, TensorVerdict] = {}
    for other in matrix.cells:
        if (other.name, other.case_id) == (cell.name, cell.case_id) and other.verdict:
            tensors = {t.name: t for t in other.verdict.tensors}
            if first.name in tensors:
                found[other.dtype] = tensors[first.name]
    if len(found) < len(DTYPES):
        return ""
    return classify(found["float32"], found["float64"])


def _block(cell: Cell, kind: str) -> Table:
    """Say what is wrong with one trace: the first wrong tensor in the order of computation."""
    block = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    block.add_column(no_wrap=True)
    block.add_column(overflow="fold")
    if cell.verdict is None:
        title, verdict = "CRASHED", None
    else:
        verdict = cell.verdict.verdict
        title = "FAIL"
    style = "bold red" if verdict is None else COLORS[verdict]
    block.add_row(Text(title, style=style), f"{cell.case_id}  {cell.dtype}  {cell.name}")
    if cell.verdict is None:
        block.add_row("  reason", Text(cell.crash))
        return block
    if cell.verdict.missing:
        block.add_row("  not returned", ", ".join(cell.verdict.missing))
    first = cell.verdict.first_wrong
    if first is None:
        return block
    names = [tensor.name for tensor in cell.verdict.tensors]
    before = names[: names.index(first.name)]
    right = f"   {before[-1]} and everything before it are right" if before else ""
    block.add_row("  first wrong", Text(f"{first.name} {first.shape}{right}"))
    block.add_row("  worst entry", Text(first.reason))
    also = [t.name for t in cell.verdict.tensors if t.verdict is Verdict.FAIL][1:]
    if also:
        block.add_row("  also wrong", ", ".join(also))
    if kind:
        block.add_row("  kind", kind)
    for note in cell.verdict.notes:
        block.add_row("  note", Text(note))
    if "~" not in cell.name:
        implementation = "" if cell.name == SCIPY else f" --impl {cell.name}"
        block.add_row(
            "  reproduce",
            f"gradoracle verify{implementation} --case {cell.case_id} --dtype {cell.dtype}",
        )
    return block


def _counts(matrix: Matrix) -> Table:
    """Return a line for each implementation and one for the run; every count says of how many."""
    counts = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False)
    counts.add_column(no_wrap=True)
    counts.add_column(overflow="fold")
    for name in matrix.names:
        counts.add_row(Text(name, style="bold"), _line(matrix, name))
    norms = [cell.check_grad for cell in matrix.cells if cell.check_grad is not None]
    if norms:
        counts.add_row(
            Text("check_grad", style="bold"),
            f"median {median(norms):.0e} in {len(norms)} of {len(matrix.cases)} cases: "
            "the norm that scipy.optimize.check_grad reports; not judged",
        )
    total = len(matrix.cases)
    words = (
        "agree between every pair"
        if any("~" in name for name in matrix.names)
        else ("agree with the truth in every entry of every array")
    )
    whole = Text(f"{matrix.agreeing} of {total} cases {words}")
    wrong = len({cell.case_id for cell in matrix.cells if _fails(cell)})
    vague = total - matrix.agreeing - wrong
    whole.append(f", {vague} cannot be told in part" if vague else "")
    whole.append(f", {wrong} fail" if wrong else ", none fails")
    whole.stylize("bold red" if wrong or not matrix.agreeing else "bold green")
    counts.add_row(Text("in all", style="bold"), whole + Text(f", {matrix.seconds:.1f} s"))
    return counts


def _line(matrix: Matrix, name: str) -> str:
    cells = matrix.column(name)
    cases = {cell.case_id for cell in cells}
    passed = len(cases - {cell.case_id for cell in cells if not cell.passed})
    judged = [(tensor, cell) for cell in cells if cell.verdict for tensor in cell.verdict.tensors]
    text = f"{passed} of {len(matrix.cases)} cases pass"
    if judged:
        tensor, cell = max(judged, key=lambda pair: _size(*pair))
        entries = sum(tensor.judged for tensor, _ in judged)
        text += f" ({entries:,} entries), worst {_number(_size(tensor, cell))} "
        unit = "of its own derived error" if name == SCIPY else f"of {SIGMAS} sigma"
        text += f"{unit} in {tensor.name} of {cell.case_id} {cell.dtype}"
    flips = sum(sum(cell.verdict.flips.values()) for cell in cells if cell.verdict)
    if flips and name == SCIPY:
        text += f"; {flips} parameters not judged: the step crosses a kink"
    elif flips:
        text += (
            f"; {flips} pre-activations within rounding of a kink, allowed to fall on either side"
        )
    return f"{text}; {sum(cell.seconds for cell in cells):.1f} s"


def print_matrix(matrix: Matrix, console: Console) -> None:
    """Print the matrix to a console."""
    console.print(render(matrix), soft_wrap=False)
