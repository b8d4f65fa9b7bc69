"""Markdown and HTML: what a hostile candidate says is text, and nothing is asked for from outside.

Both are parsed, not searched: a tag that is not ours, wherever it hides, is seen.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from report_samples import HOSTILE, SAMPLES, blocked, cut_short, hostile, one, sample

from gradoracle.checking.report import Footer, Report
from gradoracle.report.markdown import to_markdown
from gradoracle.report.page import FOLDER, columns, to_page
from gradoracle.report.safe import for_html, for_markdown

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NO_END = {"meta", "input", "link", "img", "br", "base"}


class Page(HTMLParser):
    """The tags of a page, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in NO_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"a closing {tag} too many"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        self.texts[inside] = self.texts.get(inside, "") + data

    @property
    def attributes(self) -> list[tuple[str, str, str]]:
        """Tag, name and value of every attribute."""
        return [
            (tag, name, value or "") for tag, found in self.tags for name, value in found.items()
        ]


REPORTS: dict[str, Callable[[], Report]] = {
    **{name: partial(sample, name) for name in SAMPLES},
    "blocked": blocked,
    "hostile": hostile,
    "cut short": lambda: cut_short(one()),
    "stale": lambda: replace(one(), footer=Footer(True, "", 1.0, (HOSTILE,))),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_well_formed_and_closed(name: str) -> None:
    page = Page(to_page(REPORTS[name]()))
    assert page.open == []
    assert "$" not in "".join(page.texts.values()).replace(page.texts["script"], "")


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_asks_for_nothing_from_outside(name: str) -> None:
    text = to_page(REPORTS[name]())
    page = Page(text)
    tags = Counter(tag for tag, _ in page.tags)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "a"} & set(tags)
    assert (tags["script"], tags["style"]) == (1, 1)
    for tag, name_, value in page.attributes:
        assert name_ not in ("src", "href", "srcset", "action", "style"), (tag, name_)
        assert not name_.startswith("on"), (tag, name_)
        assert "http" not in value or name_ in ("data-text", "aria-label", "http-equiv")
    assert "url(" not in page.texts["style"]
    assert "@import" not in page.texts["style"]
    for word in ("fetch(", "XMLHttpRequest", "import(", "innerHTML", "eval(", "http"):
        assert word not in page.texts["script"]


def test_the_policy_lets_only_its_own_script_and_style_run() -> None:
    page = Page(to_page(one()))
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv")) or ""
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = hashlib.sha256(page.texts[tag].encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


@pytest.mark.parametrize("name", ["hostile", "stale"])
def test_hostile_texts_are_texts_in_a_page(name: str) -> None:
    text = to_page(REPORTS[name]())
    assert not CONTROLS.search(text)
    assert "<script>alert" not in text
    page = Page(text)
    assert not [found for _, found in page.tags if "onload" in found]
    assert "<script>alert(1)</script> red" in "".join(page.texts.values())


def test_a_page_has_each_case_each_tensor_and_each_block() -> None:
    report = sample("mixed")
    page = Page(to_page(report))
    states = [a for _, a in page.tags if (a.get("class") or "").startswith("state ")]
    assert len(states) == len(report.results)
    assert [a["id"] for tag, a in page.tags if tag == "pre"] == [
        f"r{number}" for number in range(len(report.results))
    ]
    assert {a["data-r"] for tag, a in page.tags if tag == "td" and "data-r" in a} == {
        str(number) for number in range(len(report.results))
    }
    for result in report.results:
        assert {t.name for t in result.tensors} <= set(columns(report))


def test_columns_are_in_the_order_of_computation() -> None:
    names = columns(one("right"))
    assert names == [*"Z1 A1 Z2 A2 J dA2 dZ2 dW2 db2 dA1 dZ1 dW1 db1 dX".split()]  # noqa: SIM905


def test_wrong_cells_are_marked_and_only_those() -> None:
    marks = [
        a["aria-label"] or ""
        for _, a in Page(to_page(one())).tags
        if re.match(r"f[0-4]( |$)", a.get("class") or "")
    ]
    assert len(marks) == 2
    assert all(m.startswith("dW1[") and ": fail, expected " in m for m in marks)
    assert not re.search('<td class="f[0-4]', to_page(one("right")))


def test_not_a_number_is_the_worst_colour() -> None:
    report = one()
    results = []
    for result in report.results:
        assert result.verdict is not None
        nan = float("nan")
        tensors = tuple(
            replace(t, got=nan, sigmas=nan, share=nan) if t.name == "dW1" else t
            for t in result.verdict.tensors
        )
        results.append(replace(result, verdict=replace(result.verdict, tensors=tensors)))
    assert to_page(replace(report, results=results)).count('class="f4 first"') >= 2


def rendered(report: Report) -> Page:
    """Return Markdown as a host that lets HTML through shows it."""
    return Page(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(to_markdown(report))
    )


@pytest.mark.parametrize("name", REPORTS)
def test_markdown_has_no_tags_but_its_own(name: str) -> None:
    text = to_markdown(REPORTS[name]())
    assert not CONTROLS.search(text)
    page = rendered(REPORTS[name]())
    own = "h3 p table thead tbody tr th td ul li details summary code pre".split()  # noqa: SIM905
    assert {tag for tag, _ in page.tags} <= set(own)
    assert page.open == []
    assert {n for _, n, _ in page.attributes} <= {"style", "class"}  # columns, and the fence's text


def test_hostile_texts_are_texts_in_markdown() -> None:
    page = rendered(hostile())
    assert "<script>alert(1)</script> red" in page.texts["li"]
    assert "[a](javascript:b) &amp; end" in page.texts["li"]
    assert "<script>alert(1)</script> red" in page.texts["code"]
    assert "``` | ]]>" in page.texts["td"]


def test_markdown_tells_counts_failures_and_the_rest() -> None:
    text = to_markdown(sample("mixed"))
    assert text.startswith("### gradoracle: WRONG\n")
    assert text.count("<details>") == text.count("</details>") >= 2
    assert "needs two\\_layer" not in text  # a minus is no mark
    assert "| passed | failed |" in text


@pytest.mark.parametrize("fence", ["```", "`````", "~~~"])
@pytest.mark.parametrize("place", ["a traceback", "a known failure"])
def test_no_text_closes_the_fence(fence: str, place: str) -> None:
    hidden = (fence, "</details><img src=x>", fence)
    report = one("raising")
    if place == "a traceback":
        results = [replace(r, context="\n".join(hidden)) for r in report.results]
        report = replace(report, results=results)
    else:  # at the start of a line, where a fence counts
        report = replace(report, footer=Footer(True, "", 1.0, hidden))
    page = rendered(report)
    assert "img" not in {tag for tag, _ in page.tags}
    assert "<img src=x>" in page.texts["code"]


@pytest.mark.parametrize("escape", [for_html, for_markdown])
@pytest.mark.parametrize("text", ["<b>", "a\x00b", "\x1b[2Jx", "\x9b31mx", "\x1b]8;;http://x\x07y"])
def test_escapes(escape: object, text: str) -> None:
    assert callable(escape)
    made = escape(text)
    assert "<" not in made
    assert not CONTROLS.search(made)


def test_the_template_itself_names_no_address() -> None:
    for path in FOLDER.iterdir():
        assert "//" not in re.sub(r"(^|\s)//.*", "", path.read_text("utf-8")), path.name
