"""How long the pages of a built site freeze: `python tests/freezes.py build/site` lists the longest of each chapter.

A page is loaded and then walked through from top to bottom, a screen at a time, by a processor that Chromium slows
down four times, as on a middling phone. Whatever keeps the page from answering for more than 50 ms is counted, as
the browser itself reports it. Run it while the machine does nothing else.
"""

import sys
from pathlib import Path

import in_chromium

SLOWER = 4
OBSERVE = """
window.freezes = [];
new PerformanceObserver(list => {
  for (const task of list.getEntries()) window.freezes.push(task.duration);
}).observe({type: "longtask", buffered: true});
"""
WALK = """async () => {
  const pause = () => new Promise(done => setTimeout(done, 120));
  await pause();
  const loading = window.freezes.length;
  for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight) {
    scrollTo({top: at, behavior: "instant"});
    await pause();
  }
  return [Math.max(0, ...window.freezes.slice(0, loading)), Math.max(0, ...window.freezes.slice(loading))];
}"""


def longest(browser, url, width=390, height=844):
    """The longest freeze while a page loads, and while one walks through it, in milliseconds."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(300_000)
    page.add_init_script(OBSERVE)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="load")
    page.wait_for_timeout(500)
    found = page.evaluate(WALK)
    context.close()
    return found


def main():
    site = Path(sys.argv[1]).resolve()
    with in_chromium.chromium() as browser:
        print(f"{'page':40} {'loading':>10} {'walking':>10}   longest freeze in ms, {SLOWER} times slower")
        for path in sorted((site / "notebooks").glob("[0-9]*.html")):
            loading, walking = longest(browser, path.as_uri())
            print(f"{path.stem:40} {loading:10.0f} {walking:10.0f}")


if __name__ == "__main__":
    main()
