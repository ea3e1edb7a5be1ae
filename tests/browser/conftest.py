import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.page_window import TOKEN, Server, Window, start_server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: `make browser` installs one"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("serve") / "out") as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Window]]:
    contexts = []

    def show(
        fragment: str = f"#token={TOKEN}", *, width: int = 1280, scheme: Any = "light", address: str = ""
    ) -> Window:
        address = address or request.getfixturevalue("server").address
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        window = Window(context.new_page(), address)
        window.page.on("console", lambda message: window.complaints.append(message.text))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("request", lambda sent: _note_foreign(window, sent.url))
        window.page.goto(f"{address}/{fragment}")
        return window

    yield show
    for context in contexts:
        context.close()


def _note_foreign(window: Window, url: str) -> None:
    # The address of uploads has another port.
    if not re.match(r"(http://127\.0\.0\.1:|data:)", url):
        window.complaints.append(f"asked for {url}")
