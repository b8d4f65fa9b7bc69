"""Use a page as a reader does, in a browser, and print what is seen as JSON.

A program of its own, ``python click_through.py BROWSER PAGE``: whoever starts it can end it, and
the browser with it, when it takes too long.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE = 10_000  # milliseconds a step

HERE = "[document.activeElement.cellIndex, document.activeElement.parentElement.rowIndex]"


def open_page(browser: Browser, path: Path, seen: dict[str, Any], **options: Any) -> Page:
    """Open the page and note what it complains of and what it asks for."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("console", lambda message: seen["console"].append(message.text))
    page.on("pageerror", lambda error: seen["console"].append(str(error)))
    page.on("dialog", lambda dialog: seen["console"].append("a dialog"))
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.goto(path.as_uri())
    return page


def use(page: Page, seen: dict[str, Any]) -> None:
    """Click a wrong cell, close what opens, move, open by keyboard, filter."""
    wrong = page.locator("td.first").first
    seen["label"] = wrong.get_attribute("aria-label")
    wrong.click()
    seen["opened"] = page.locator("#told").is_visible()
    seen["block"] = page.locator("#told-text").inner_text()
    page.keyboard.press("Escape")
    seen["closed"] = not page.locator("#told").is_visible()
    seen["places"] = {"start": page.evaluate(HERE)}
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "ArrowUp", "Home", "End"):
        page.keyboard.press(key)
        seen["places"][key] = page.evaluate(HERE)
    seen["line"] = page.locator("#line").inner_text()
    page.keyboard.press("Enter")
    seen["opened by key"] = page.locator("#told").is_visible()
    page.locator("#close").click()
    seen["tab stops"] = page.locator("#map td[tabindex='0']").count()

    cases = page.locator("#map tbody:visible")
    seen["cases"] = [cases.count()]
    page.keyboard.press("/")
    page.keyboard.type("tanh")
    seen["cases"].append(cases.count())
    seen["shown"] = page.locator("#shown").inner_text()
    page.locator("#filter").fill("")
    page.locator("button.o-crashed").click()
    seen["cases"].append(cases.count())
    page.locator("button.o-crashed").click()
    seen["cases"].append(cases.count())


def main() -> None:
    """Print what is seen."""
    browser_path, path = sys.argv[1], Path(sys.argv[2])
    seen: dict[str, Any] = {"console": [], "requests": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        use(open_page(browser, path, seen), seen)
        for scheme in ("light", "dark"):
            page = open_page(browser, path, seen, color_scheme=scheme)
            seen[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        plain = open_page(browser, path, seen, java_script_enabled=False)
        seen["blocks without scripts"] = plain.locator("#blocks pre:visible").count()
        browser.close()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
