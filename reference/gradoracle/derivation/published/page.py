"""docs/texts.md: the published derivations beside their mended forms, and the table of errata.

``python -m gradoracle.derivation.published.page --write docs/texts.md`` writes the page. Every
verdict on it is the program's.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from gradoracle.derivation.published import derivations as published
from gradoracle.derivation.published import errata
from gradoracle.derivation.published.columns import beside, cells
from gradoracle.derivation.published.derivations import (
    Published,
    checked,
    lost,
    text,
    wrong_for_one_unit,
)
from gradoracle.derivation.published.errata import Erratum
from gradoracle.derivation.verdicts import Checked, LineVerdict


def derivation(entry: Published) -> str:
    """Return the section of one derivation."""
    found = checked(entry.printed)
    parts = [f"### {found.header.title}", _facts(entry, found), f"{entry.note}"]
    printed = cells(entry.printed, lost(entry))
    if not entry.corrected:
        rows = [f"| {cell.number or ''} | {cell.shown} |" for cell in printed]
        return "\n\n".join([*parts, "\n".join(["| | as printed |", "|---:|---|", *rows])])
    pairs = beside(printed, cells(entry.corrected))
    rows = [
        f"| {a.number if a else ''} | {a.shown if a else ''} | {b.shown if b else ''} |"
        for a, b in pairs
    ]
    table = ["| | as printed | corrected |", "|---:|---|---|", *rows]
    return "\n\n".join([*parts, "\n".join(table)])


def _facts(entry: Published, found: Checked) -> str:
    lines = [f"    gradoracle derive {entry.printed}"]
    lines += [f"    gradoracle derive {entry.corrected}"] if entry.corrected else []
    source = found.header.source.split("; ")[0]
    source = f"[{source}]({entry.link})" if entry.link else source
    network = next(_header(text(entry.printed), "network"), "none")
    counted = f"as printed {_wrong(entry)} in themselves"
    if lost(entry):
        counted += f", {len(lost(entry))} read what the copy has lost"
    if entry.corrected:
        counted += f", corrected {_right(checked(entry.corrected))}"
    facts = [
        f"Source: {source}.",
        f"Network: {network}.",
        *(f"{_sentence(n)}." for n in found.notes),
    ]
    return " ".join([*facts, f"{_sentence(counted)}."]) + "\n\n" + "\n".join(lines)


def _wrong(entry: Published) -> str:
    wrong = len(checked(entry.printed).wrong) - len(lost(entry))
    return f"{wrong or 'none'} of {checked(entry.printed).judged} lines wrong"


def _right(found: Checked) -> str:
    return f"all {found.judged} right" if found.ok else f"{found.right} of {found.judged} right"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _header(source: str, name: str) -> Iterator[str]:
    for line in source.splitlines():
        if found := re.fullmatch(rf"{name}:\s*([^#]*?)\s*(#.*)?", line):
            yield found[1]


def erratum(entry: Erratum) -> str:
    """Return one row of the table of errata."""
    verdicts = "<br>".join(_judged(entry)) or "no formula"
    return f"| {entry.number} | {entry.printed} | {entry.mend} | {verdicts} | {entry.reason} |"


def _judged(entry: Erratum) -> Iterator[str]:
    """Yield where an erratum stands, with the program's verdicts there."""
    for name, formulas in entry.lines:
        lines = [line(name, formula) for formula in formulas]
        numbers = ", ".join(str(one.line.number) for one in lines)
        words = ", ".join(dict.fromkeys(str(one.verdict) for one in lines))
        stays = wrong_for_one_unit(name + published.PRINTED)
        one_unit = {one.line.number in stays for one in lines}
        kind = "both" if len(one_unit) > 1 else "calculus" if True in one_unit else "matrices"
        several = "lines" if len(lines) > 1 else "line"
        yield f"{name}, {several} {numbers}: **{words}** ({kind})"


def line(name: str, formula: str) -> LineVerdict:
    """Return the verdict on a formula of a printed file.

    Raises
    ------
    KeyError
        If the file has no such line.
    """
    for found in checked(name + published.PRINTED).lines:
        if found.line.normal == formula:
            return found
    raise KeyError(f"{formula} in {name}")


def page() -> str:
    """Return docs/texts.md."""
    parts = [HEAD, _overview()]
    parts += ["## Text 1: from linear regression to N layers", *map(derivation, published.TEXT_1)]
    parts += ["## Text 2: a relu-sigmoid network as code", *map(derivation, published.TEXT_2)]
    parts += [LINEAR, ERRATA, _table(errata.NINETEEN)]
    parts += ["## Where the list was itself imprecise", "\n".join(_corrections())]
    parts += ["## Beyond the nineteen", "Found when the texts were written down line by line."]
    parts += [_table(errata.BEYOND), NO_ERRORS]
    parts += ["## Five from elsewhere", OTHERS, *map(derivation, published.OTHERS)]
    return "\n\n".join(parts) + "\n"


def _overview() -> str:
    """Return one line for each derivation: how much of it is right, and the first wrong line."""
    rows = ["| | as printed | first wrong line | corrected |", "|---|---|---|---|"]
    for entry in published.ALL:
        found, title = checked(entry.printed), checked(entry.printed).header.title
        anchor = re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        wrong = [one.line for one in found.wrong if one.line.number not in lost(entry)]
        first = f"{wrong[0].number}: `{wrong[0].normal}`" if wrong else "none"
        counted = _wrong(entry) + (f", {len(lost(entry))} lost" if lost(entry) else "")
        corrected = _right(checked(entry.corrected)) if entry.corrected else "—"
        rows.append(f"| [{title}](#{anchor}) | {counted} | {first} | {corrected} |")
    return "\n".join(rows)


def _table(entries: Sequence[Erratum]) -> str:
    head = ["| # | as printed | should be | the program says | why |", "|---:|---|---|---|---|"]
    return "\n".join([*head, *map(erratum, entries)])


def _corrections() -> Iterator[str]:
    for entry in errata.NINETEEN:
        if entry.correction:
            yield f"- **{entry.number}.** {entry.correction}"


HEAD = """# The two texts, line by line

This project grew from two tutorials on backpropagation, and from a list of nineteen errors in
them. Here are all their formulas, as the copies at hand print them and mended, with the program's
verdict on every line; then the list, each entry judged; then where the list was itself imprecise,
what it had missed, and five derivations from elsewhere.

This page is written by `python -m gradoracle.derivation.published.page --write docs/texts.md`. The
files come with the package: `gradoracle derive --list` names them, and the commands below print
the full report. Text 1 is "Understand and Implement the Backpropagation Algorithm From Scratch In
Python", in a machine paraphrase of a tutorial of 2018-19; text 2 "Implement Back Propagation in
Neural Networks", 2018. What is here are facts about formulas; nothing of the prose.

| sign | means |
|---|---|
| ✓ | right: agrees with the derivative of J to 40 digits or more, on all networks |
| ✗ | wrong in itself, with the reason |
| ∅ | right for the true derivative, which the copy at hand has lost: no error of the text |
| ↪ | right in itself, but it reads what a wrong line computed |
| · | the definition of J, or a name of the text's own, judged where it is used |

Both texts are read with charity. A product that is written by juxtaposition is the matrix product
or the elementwise one, whichever is right; where neither is, the matrix product. What else is
granted stands below its line in *italics*. Formulas are shown in one normal form."""

LINEAR = """The same slide for linear output units, `gradoracle derive text2-slide-linear`,
passes to the last line as printed."""

ERRATA = """## The nineteen errata

*Calculus* or *matrices*: an error of calculus is wrong even for one unit in every layer and one
example, where all products are the same and a sum has one term; an error of matrices is not, and
is one of order, transpose, layout or a missing sum. The program tells them apart by judging every
line on such a network."""

NO_ERRORS = """### No errors, but to be said

- Text 1 leaves 1/n out of every derivative, dW and db too, and keeps it in J: each is n times
  that of J, and so is the step of an update until the division that its notes ask for. Text 2 has
  dZ n times and divides dW and db: the per-example convention. Both pass when they are told
  (`convention: undivided`) or recognised.
- J written with log(A) is right on paper. In floats it is inf or nan once A has rounded to 0 or
  1, and -Y/A + (1-Y)/(1-A), times A (1-A), is then nan: 0/0 where Y is 0 or 1 as A is, else
  infinity times 0. A - Y is a number there, and right.
- In words: "=:" stands for ":=", and the "6000" images of MNIST are 60,000."""

OTHERS = """Facts about formulas again, in this notation; four are wrong, one is right, two have
examples in rows and softmax."""


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, required=True, metavar="FILE")
    parser.parse_args().write.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
