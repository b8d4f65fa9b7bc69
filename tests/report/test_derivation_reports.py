"""A checked derivation as text, JSON, HTML, Markdown and in a notebook."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
import pytest
from derivation_samples import TEXTS, derived
from markdown_it import MarkdownIt
from rich.console import Console

import gradoracle
from gradoracle.commands.options import errors, output
from gradoracle.derivation.limits import DerivationError
from gradoracle.derivation.rules.rules import with_rules
from gradoracle.derivation.verdicts import Named, Verdict
from gradoracle.report.derivation import plain, render
from gradoracle.report.derivation_document import IDENTIFIERS, SCHEMA, to_document
from gradoracle.report.derivation_facts import facts, headline
from gradoracle.report.derivation_files import status_of
from gradoracle.report.derivation_markdown import to_markdown
from gradoracle.report.derivation_page import to_page
from gradoracle.report.derivation_rows import rows
from gradoracle.report.excerpt import excerpt
from gradoracle.report.safe import for_markdown
from gradoracle.report.wrapping import columns, wrap
from gradoracle.status import Status

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
TIED = """
network: sizes a-b-c, activations tanh sigmoid, loss binary_cross_entropy
means: h = A1, E = J, delta = dZ2, back = -2 * dA1
delta = A2 - Y
dW2 = delta @ h.T / n
dh = W2.T @ delta
back = -2 * dh
"""
every = pytest.mark.parametrize("name", TEXTS)


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data


def named(name: str) -> gradoracle.Derivation:
    """Return a sample whose first wrong line has a mistake, a mend, and whose lines have rules."""
    checked = derived(name)
    mistake = Named("some-mistake", ("other-mistake",), "dV = <b>wrong</b>")
    lines = tuple(
        replace(v, rules=("a rule: what it gives", "said"), mistake=mistake, mend="dV = right")
        if v is checked.first
        else v
        for v in checked.lines
    )
    return replace(checked, lines=lines)


# the text of the terminal


def test_a_right_derivation_in_words() -> None:
    text = plain(derived("right"))
    lines = text.splitlines()
    assert lines[0] == " 3  right  exactly       Z1 = W1 @ X + b1"
    assert re.fullmatch(r" 8  right  to \d\d digits  dZ2 = A2 - Y", lines[5])
    assert lines[6].strip() == "n times dJ/dZ2"
    assert "RIGHT  11 of 11 lines right" in lines
    assert "FIRST WRONG" not in text
    assert "checked on    3-5-1, n = 7; 4-2-1, n = 5; 3-3-1, n = 3" in text
    assert "a chance below d in 16 million" in " ".join(text.split())


def test_a_wrong_line_has_its_block() -> None:
    text = plain(derived("two wrong"))
    assert "FIRST WRONG  line 8: dZ2 = Y - A2" in text
    assert re.search(r"worst entry   dZ2\[0, \d\]: expected -?[\d.]+, got -?[\d.]+", text)
    assert (
        "WRONG  5 of 11 lines right, 2 wrong, 4 fed by wrong ones; first wrong: line 8 (dZ2)"
        in text
    )
    assert "wrong         line 8 (dZ2), line 11 (dZ1)" in text
    assert re.search(r"^ 9  fed by line 8 ", text, re.M)
    assert re.search(r"^12  fed by line 11 ", text, re.M)


def test_mistake_and_mend_are_told() -> None:
    text = plain(named("two wrong"))
    assert "mistake       some-mistake: dV = <b>wrong</b>" in text
    assert "same numbers  other-mistake" in text
    assert "mend          dV = right" in text
    assert "a rule: what it gives" in text
    assert "rule: said" in text


def test_no_known_mistake_is_said() -> None:
    checked = derived("two wrong")
    lines = [replace(v, mistake=Named("")) if v is checked.first else v for v in checked.lines]
    text = plain(replace(checked, lines=tuple(lines)))
    assert "mistake       no known mistake gives these numbers" in text


def test_shapes_and_names_are_told() -> None:
    assert "why           (1, 7) @ (5, 7)" in plain(derived("shapes"))
    text = plain(derived("undefined"))
    assert "undefined name" in text
    assert "foo is never defined" in text


def test_a_loop_is_shown_once_and_indented() -> None:
    text = plain(derived("loops"))
    assert text.count("for l in range(L - 1, 0, -1):") == 1
    assert re.search(r"^13  fed by line 12 {11}dW\[l\] = ", text, re.M)
    assert re.search(r"^12  wrong  at every l {8}dZ\[l\] = ", text, re.M)


def test_what_was_typed_is_shown_where_it_was_read_differently() -> None:
    text = plain(derived("paper"))
    assert "typed: A₁ = σ(Z₁)" in text  # noqa: RUF001
    assert text.count("typed:") == 2
    assert re.search(r"^    right  to \d\d digits  dZ2 = A2 - Y$", text, re.M)  # of one line
    assert "typed:" not in plain(derived("right"))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("dZ2 = A2-Y", None),
        ("dZ_2 = A_2 - Y", None),
        ("dZ[2] = A[2] - Y", None),
        ("dZ2 = (A2 - Y)", None),
        ("dZ2 = AL - Y", "dZ2 = A[L] - Y"),
        ("dZ2 = dA2 * A2 * (1 - A2) = A2 - Y", None),  # a row for each side
        ("dZ2 = dJ/dZ2 = A2 - Y", "dZ2 = A2 - Y"),
    ],
)
def test_what_was_typed_is_shown_unless_spaces_brackets_or_layers_differ(
    written: str, shown: str | None
) -> None:
    text = plain(gradoracle.derive(TEXTS["right"].replace("dZ2 = A2 - Y", written)))
    assert ("typed:" in text) == (shown is not None)
    if shown is not None:
        assert re.search(rf"  {re.escape(shown)}\n +typed: {re.escape(written)}\n", text), text


def test_a_second_name_is_not_shown_as_if_it_had_been_typed_so() -> None:
    text = plain(gradoracle.derive(TEXTS["loops"].replace("dZ[L] = A", "AL = A[L]\ndZ[L] = A")))
    assert re.search(r"  A\[L\] = A\[L\]\n +typed: AL = A\[L\]\n", text), text


def test_the_reading_stands_with_the_first_wrong_line_and_nowhere_else() -> None:
    guess = "J is taken as the mean over the examples, summed over outputs"
    checked = gradoracle.derive(TEXTS["two wrong"].replace("J = -sum", "C = -sum"))
    text = plain(checked)
    assert text.index("FIRST WRONG") < text.index(f"reading       {guess}") < text.index("\nWRONG")
    for shown in (text, to_page(checked), to_markdown(checked), checked._repr_html_()):
        assert shown.count(guess) == 1
    missing = "not given, in the network 3-5-1: db1"  # no reading: it stays with the whole
    noted = replace(checked, notes=(guess, missing))
    assert [text for label, text in facts(noted) if label == "reading"] == [missing]
    right = plain(derived("right"))
    assert right.index("\nRIGHT") < right.index(f"reading       {guess}")


def test_what_the_header_says_is_no_guess() -> None:
    wrong = TEXTS["right"].replace("* (1 - A1)", "* A1")
    said = wrong.replace("cross_entropy", "cross_entropy, reduction mean")
    text = plain(gradoracle.derive(f"convention: per-example\n{said}"))
    assert text.index("\nWRONG") < text.index("reading       dA, dZ and dX are n times")
    assert text.count("reading  ") == 1
    assert "J is taken as" not in text


def test_what_a_pass_means_is_told_of_a_pass_alone() -> None:
    for name in TEXTS:
        checked = derived(name)
        for shown in (plain(checked), to_page(checked), to_markdown(checked)):
            assert ("a pass means" in shown) == checked.ok, name


def test_words_are_explained_where_they_occur() -> None:
    half = TEXTS["right"].replace("dW2 = ", "dW2 = 0 * W2\ndW2 += ")
    own = TEXTS["right"].replace("dZ2 = A2 - Y", "e = A2 - Y\ndZ2 = e")
    labels = [
        {label for label, _ in facts(gradoracle.derive(text))} & {"helper", "a first part"}
        for text in (TEXTS["right"], own, half, half.replace("dZ2 = A2 - Y", "e = A2 - Y\ndZ2 = e"))
    ]
    assert labels == [set(), {"helper"}, {"a first part"}, {"helper", "a first part"}]


def test_helpers_alone_are_nothing() -> None:
    text = plain(derived("helpers alone"))
    assert "NOTHING JUDGED" in text
    assert "not judged    1 helper" in text


@every
@pytest.mark.parametrize("width", [60, 80, 160])
def test_it_fits_the_terminal(name: str, width: int) -> None:
    assert max(map(len, plain(derived(name), width).splitlines())) <= width


@every
def test_without_colours_nothing_is_lost(name: str) -> None:
    checked = derived(name)
    for colours in (False, True):
        shown = io.StringIO()
        console = Console(file=shown, width=80, force_terminal=colours)
        console.print(render(checked, 80))
        text = shown.getvalue()
        assert ("\x1b[" in text) == colours
        unstyled = re.sub(r"\x1b\[[\d;]*m", "", text)
        assert [one.rstrip() for one in unstyled.splitlines()] == plain(checked, 80).splitlines()


def test_a_derivative_is_told_in_the_names_of_the_text() -> None:
    text = plain(gradoracle.derive(TIED))
    for line, told in (
        ("delta = A2 - Y", "n times dE/dZ2"),
        ("dh = W2.T @ delta", "n times dE/dh"),
    ):
        assert re.search(rf"{re.escape(line)}\n +{told}$", text, re.M), text
    assert "n times what it means" in text


@every
@pytest.mark.parametrize("width", [24, 40, 45, 46, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_or_the_report(name: str, width: int) -> None:
    text = plain(with_rules(named(name)), width)
    assert max(map(columns, text.splitlines())) <= min(width, 100)
    assert "\0" not in text
    assert "\1" not in text


@every
def test_a_narrow_terminal_is_told_the_same(name: str) -> None:
    narrow, wide = (plain(named(name), width) for width in (30, 100))
    assert sorted("".join(narrow.split())) == sorted("".join(wide.split()))


def test_in_a_narrow_terminal_the_formula_is_below_its_verdict() -> None:
    lines = plain(derived("two wrong"), 40).splitlines()
    at = lines.index(" 8  wrong")
    assert lines[at + 1] == "    dZ2 = Y - A2"
    assert lines[lines.index("  checked on") + 1].startswith("    3-5-1, n = 7;")
    headed = plain(derived("loops"), 40).splitlines()
    assert " 4  for l in range(1, L):" in headed


def test_wide_characters_take_two_columns_and_formulas_break_before_operators() -> None:
    assert wrap("二層 の 検証", 11) == ["二層 の", "検証"]
    assert [columns(one) for one in ("二層", "A2", "A\u0304")] == [4, 2, 1]
    assert wrap("dZ1 = (W2.T @ dZ2) * A1 * (1 - A1)", 27) == [
        "dZ1 = (W2.T @ dZ2)",
        "* A1 * (1 - A1)",
    ]
    assert wrap("", 20) == [""]


@pytest.mark.parametrize("chosen", ["", "1"])
def test_without_colour_nothing_is_decorated(chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("NO_COLOR", chosen), ("FORCE_COLOR", "1"), ("TERM", "xterm-256color")):
        monkeypatch.setenv(name, value)
    for console in (output(), errors()):
        with console.capture() as shown:
            console.print(render(derived("two wrong"), 80))
        assert ("\x1b[" in shown.get()) == (not chosen)


# the exit status


@pytest.mark.parametrize(
    ("name", "status"),
    [("right", 0), ("own formulas", 0), ("shapes", 1), ("loops", 1), ("helpers alone", 5)],
)
def test_the_exit_status(name: str, status: int) -> None:
    assert status_of(derived(name)) == status == status_of(derived(name), strict=True)


def test_cannot_tell() -> None:
    checked = derived("right")
    first, *rest = checked.lines
    vague = replace(first, verdict=Verdict.UNDECIDED)
    some = replace(checked, lines=(vague, *rest))
    assert (status_of(some), status_of(some, strict=True)) == (Status.OK, Status.WRONG)
    assert headline(some) == "CANNOT TELL  10 of 11 lines right, 1 cannot be told"
    told = "WRONG  10 of 11 lines right, 1 cannot be told (strict: wrong)"
    assert headline(some, strict=True) == told
    assert told in plain(some, strict=True)
    assert ">WRONG</span>" in to_page(some, strict=True)
    assert "### gradoracle derive: WRONG" in to_markdown(some, strict=True)
    assert json.loads(to_document(some, strict=True))["summary"]["words"] == told
    alone = replace(checked, lines=(vague,))
    assert (status_of(alone), status_of(alone, strict=True)) == (Status.NOTHING, Status.WRONG)


def test_the_headline_is_wrong_wherever_the_exit_status_is_1() -> None:
    checked = derived("right")
    first, second, *rest = checked.lines
    fed = replace(second, verdict=Verdict.FED, detail="right, but fed by Z1 (line 3)")
    some = replace(checked, lines=(first, fed, *rest))
    assert status_of(some) == Status.WRONG
    assert headline(some) == "WRONG  10 of 11 lines right, 1 fed by wrong ones"
    vague = replace(first, verdict=Verdict.UNDECIDED)
    both = replace(checked, lines=(vague, fed, *rest))
    assert headline(both).startswith("WRONG  9 of 11 lines right, 1 fed by wrong ones, 1 cannot")
    for name in TEXTS:
        wrong = status_of(derived(name)) == Status.WRONG
        assert headline(derived(name)).startswith("WRONG  ") == wrong, name


# a line that cannot be read


@pytest.mark.parametrize("width", [10, 20, 40, 80, 100, 300])
@pytest.mark.parametrize("long", [5, 11, 29, 31, 32, 71, 72, 91, 92, 400])
def test_a_line_is_cut_only_where_it_does_not_fit(
    width: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert shutil.get_terminal_size().columns == width
    columns_of_all = max(min(width, 100), 20)
    for sign in ("x", "層"):
        text = sign * (long - 1) + "?"
        for column in range(long + 2):
            error = DerivationError("a", "b", "c", 1, column)
            line, *carets = excerpt(text, error)
            place = text[max(column, 1) - 1 : max(column, 1)]
            whole = columns(text) + (column > long) <= columns_of_all - 9
            assert ("…" not in line) == whole, (line, column)
            assert max(map(columns, (line, *carets))) <= columns_of_all
            assert len(carets) == bool(column)
            for caret in carets:
                before = columns(caret) - 1
                under = next((s for i, s in enumerate(line) if columns(line[:i]) == before), "")
                assert under == place, (line, caret)
            if not whole:  # no room is left unused but for a sign and the marks
                assert columns(line) >= columns_of_all - 3, line


# JSON


@every
@pytest.mark.parametrize("strict", [False, True])
def test_json_is_what_the_schema_says(name: str, strict: bool) -> None:
    checked = derived(name)
    for one in (checked, named(name)):
        text = to_document(one, strict=strict)
        document = json.loads(text)
        VALIDATOR.validate(document)
        assert document["status"] == status_of(checked, strict=strict)
        assert [line["number"] for line in document["lines"]] == [
            v.line.number for v in checked.lines
        ]
        assert not CONTROLS.search(text)


def test_the_schema_knows_every_verdict_and_nothing_else() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)
    allowed = VALIDATOR.schema["$defs"]["claim"]["properties"]["verdict"]["enum"]
    assert allowed == [IDENTIFIERS[verdict] for verdict in IDENTIFIERS]
    document = json.loads(to_document(derived("right")))
    for change in ({"verdict": "Right"}, {"digits": "75"}, {"surplus": 1}, {"number": 0}):
        line = document["lines"][0] | change
        assert not VALIDATOR.is_valid(document | {"lines": [line]}), change


def test_the_same_text_gives_the_same_bytes() -> None:
    texts = {
        re.sub(r'"seconds": [\d.]+', "", to_document(gradoracle.derive(TEXTS["loops"])))
        for _ in range(2)
    }
    assert len(texts) == 1


def test_json_tells_what_the_reader_is_told() -> None:
    document = json.loads(to_document(named("two wrong")))
    lines = {line["number"]: line for line in document["lines"]}
    assert lines[3]["digits"] == "exact"
    assert lines[4]["digits"] >= 40
    assert lines[8]["verdict"] == "wrong"
    assert lines[8]["place"].startswith("dZ2[0, ")
    assert float(lines[8]["expected"]) == pytest.approx(-float(lines[8]["got"]))
    assert lines[8]["mistake"]["name"] == "some-mistake"
    assert (lines[9]["verdict"], lines[9]["words"]) == ("fed", "fed by line 8")
    assert document["summary"]["wrong"] == [8, 11]
    assert document["summary"]["first"] == 8
    loops = {line["number"]: line for line in json.loads(to_document(derived("loops")))["lines"]}
    assert loops[12]["rounds"] == ["every l"]
    assert loops[12]["loop"] == "for l in range(L - 1, 0, -1):"


def test_json_has_every_rule() -> None:
    checked = with_rules(derived("right"))
    lines = {line["number"]: line for line in json.loads(to_document(checked))["lines"]}
    assert lines[3]["rules"] == []
    assert lines[9]["rules"] == [
        "product with a transpose: Z2 = W2 @ A1 + b2 gives dZ2 @ A1.T / n",
        "mean: the 1 / n of J is not in dZ2, so it comes in here",
    ]


# HTML and Markdown


@every
def test_a_page_asks_for_nothing_and_holds_every_line(name: str) -> None:
    checked = named(name)
    text = to_page(checked)
    page = Page(text)
    assert not CONTROLS.search(text)
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(tags)
    for _, attributes in page.tags:
        assert not [one for one in attributes if one.startswith("on") or one in ("src", "style")]
        assert (attributes.get("href") or "#").startswith("#")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert "url(" not in page.style
    assert tags.count("tr") == 1 + len(list(rows(checked)))
    for row in rows(checked):
        assert row.formula in page.text
        assert row.verdict in page.text


def test_the_first_wrong_line_is_marked_and_reached() -> None:
    page = Page(to_page(derived("two wrong")))
    marked = [a for _, a in page.tags if (a.get("class") or "").split()[-1:] == ["first"]]
    assert [a["id"] for a in marked] == ["line-8"]
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ["#line-8"]
    assert "first" not in [c for _, a in Page(to_page(derived("right"))).tags for c in a.values()]


@pytest.mark.parametrize("name", ["hostile", "two wrong"])
def test_hostile_texts_are_texts(name: str) -> None:
    checked = named(name)
    for html in (to_page(checked), checked._repr_html_()):
        assert "<script>" not in html
        assert "<b>wrong</b>" not in html
        assert "<b>wrong</b>" in Page(html).text
    if name == "hostile":
        assert "<script>alert(1)</script> </style>" in Page(to_page(checked)).text


@every
def test_markdown_has_no_tags_but_its_own(name: str) -> None:
    text = to_markdown(named(name))
    page = Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    tags = {tag for tag, _ in page.tags}
    assert tags <= {*"h3 p table thead tbody tr th td code br strong ul li".split()}  # noqa: SIM905
    assert not CONTROLS.search(text)
    squeezed = " ".join(page.text.split())
    for row in rows(derived(name)):
        assert " ".join(row.formula.split()) in squeezed
        assert " ".join(row.verdict.split()) in squeezed
    assert sum(tag == "tr" for tag, _ in page.tags) == 1 + len(list(rows(derived(name))))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("wrong: line 7 (dZ2)", "wrong: line 7 (dZ2)"),
        ("A * B - C_1 = {x}! # f(2)", "A * B - C_1 = {x}! # f(2)"),
        ("A*B", r"A\*B"),
        ("W[l]", r"W\[l]"),
        ("_a_ __b__ **c**", r"\_a\_ \_\_b\_\_ \*\*c\*\*"),
        ("https://x.y :smile: #12", r"https\://x.y \:smile: \#12"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("---", r"\---"),
        ("1. a", r"1\. a"),
        ("<b>|`~\\", r"&lt;b&gt;\|\`\~" + "\\" * 2),
    ],
)
def test_markdown_escapes_what_it_must(text: str, escaped: str) -> None:
    assert for_markdown(text) == escaped
    page = Page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(escaped))
    assert page.text.strip() == text
    assert [tag for tag, _ in page.tags] == ["p"]


@every
def test_markdown_is_no_other_text(name: str) -> None:
    render = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render
    for row in rows(named(name)):
        for text in (row.formula, row.verdict, *(fact for _, fact in row.remarks)):
            page = Page(render(f"- {for_markdown(text)}"))
            assert " ".join(page.text.split()) == " ".join(text.split())
            assert {tag for tag, _ in page.tags} == {"ul", "li"}


def test_a_label_that_is_told_twice_stands_once() -> None:
    checked = replace(derived("right"), notes=("one note", "another note"))
    page = to_page(checked)
    assert "<dt>reading</dt><dd>one note</dd><dd>another note</dd>" in page
    assert page.count("<dt>reading</dt>") == 1


def test_only_the_formula_of_a_line_in_a_loop_is_a_block() -> None:
    style = Page(to_page(derived("loops"))).style
    assert ".inside .formula > code { display: block" in style  # a mend stands beside its label
    assert ".inside code" not in style


def test_a_notebook_is_told_the_notes() -> None:
    checked = replace(derived("right"), notes=("as if <b>rows</b>",))
    assert "as if &lt;b&gt;rows" in checked._repr_html_()


@every
def test_a_notebook_gets_a_table(name: str) -> None:
    page = Page(derived(name)._repr_html_())
    assert {tag for tag, _ in page.tags} <= {
        *"div p span table tbody tr td code br small b".split()  # noqa: SIM905
    }
    assert sum(tag == "tr" for tag, _ in page.tags) == len(list(rows(derived(name))))
