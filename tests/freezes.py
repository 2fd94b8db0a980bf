"""How long the pages of a built site freeze: `python tests/freezes.py build/site` lists the longest of each chapter.

A page is loaded and then walked through from top to bottom, a screen at a time, by a processor that Chromium slows
down four times, as on a middling phone. While it works at one task, a page answers nobody. Chromium's own trace says
how long each task kept the processor, so it matters little what else the machine does meanwhile.
"""

import json
import sys
from pathlib import Path

import in_chromium

SLOWER = 4
WALK = """async () => {
  const pause = () => new Promise(done => setTimeout(done, 150));
  performance.mark("the walk begins");
  for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight) {
    scrollTo({top: at, behavior: "instant"});
    await pause();
  }
}"""


def longest(browser, url, width=390, height=844):
    """The longest freeze while a page loads, and while one walks through it, in milliseconds."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(300_000)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline", "blink.user_timing"])
    page.goto(url, wait_until="load")
    page.wait_for_timeout(1000)
    page.evaluate(WALK)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    context.close()
    return freezes(events)


def freezes(events):
    (walking,) = {event["ts"] for event in events if event["name"] == "the walk begins"}
    ours = {(event["pid"], event["tid"]) for event in events if event["name"] == "ParseHTML"}
    tasks = [event for event in events if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in ours]
    assert len(tasks) > 100
    early, late = ([task for task in tasks if (task["ts"] >= walking) == is_late] for is_late in (False, True))
    return tuple(max(task.get("tdur", 0) / 1000 for task in some) for some in (early, late))


def main():
    site = Path(sys.argv[1]).resolve()
    with in_chromium.chromium() as browser:
        print(f"{'page':40} {'loading':>10} {'walking':>10}   longest freeze in ms, {SLOWER} times slower")
        for path in sorted((site / "notebooks").glob("[0-9]*.html")):
            loading, walking = longest(browser, path.as_uri())
            print(f"{path.stem:40} {loading:10.0f} {walking:10.0f}", flush=True)


if __name__ == "__main__":
    main()
