"""A browser for the tests of what is drawn in one, and eyes for what it asks for and complains of."""

import functools
import http.server
import shutil
import threading
from contextlib import contextmanager

import pytest

BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[site-test]'")
    with api.sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, (*BROWSERS, bundled))), None)
        if path is None:
            pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET, "--disable-sync"])
        yield browser
        browser.close()


@contextmanager
def serving(folder):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def opened(browser, url, own, width=1200, height=900, **options):
    """A page; afterwards it must have asked for nothing but its own files, and complained of nothing."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page, asked, complaints = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url.split("#")[0]))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page
    folder = url.split("#")[0].rpartition("/")[0]
    assert {url for url in asked if not url.startswith("data:")} == {f"{folder}/{name}" for name in own}
    assert complaints == []
    context.close()


def finger(page):
    """A function that swipes: from one place to another, both in pixels of the window."""
    session = page.context.new_cdp_session(page)

    def swipe(start, end, moves=8):
        for part in range(moves + 1):
            x, y = (a + (b - a) * part / moves for a, b in zip(start, end))
            kind = "touchMove" if part else "touchStart"
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(300)

    return swipe


def serious_faults(page):
    """What axe finds, and how much it looked at."""
    why = "no axe: pip install -e '.[site-test]'"
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=why).Axe()
    found = axe.run(page).response
    assert len(found["passes"]) > 15
    serious = [fault for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in serious]
