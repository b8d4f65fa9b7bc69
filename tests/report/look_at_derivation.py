"""Open a page in a browser, small and large, light and dark, and print what is seen as JSON.

A program of its own, ``python look_at_derivation.py BROWSER PAGE``: whoever starts it can end it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

PATIENCE = 10_000  # milliseconds a step


def main() -> None:
    """Print what is seen."""
    browser_path, path = sys.argv[1], Path(sys.argv[2])
    seen: dict[str, Any] = {"console": [], "requests": [], "wide": {}, "back": {}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        for width, scheme in ((480, "light"), (1400, "dark")):
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme="light" if scheme == "light" else "dark",
            )
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("console", lambda message: seen["console"].append(message.text))
            page.on("dialog", lambda dialog: seen["console"].append("a dialog"))
            page.on("request", lambda request: seen["requests"].append(request.url))
            page.goto(path.as_uri())
            seen["wide"][width] = page.evaluate("document.documentElement.scrollWidth")
            seen["back"][scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            page.locator("header a").click()
            seen["first"] = page.locator("tr:target").inner_text()
        browser.close()
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
