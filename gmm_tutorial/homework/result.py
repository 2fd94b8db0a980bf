"""What a check says, to a terminal, to a notebook and to pytest."""

import re
import sys
from dataclasses import dataclass

SIGNS = r"[\\`*$~<>]|(?<!\w)_|_(?!\w)"


@dataclass(frozen=True)
class Result:
    """The outcome of one check. It is true if the answer passed.

    passed; headline, one line; hint, what to do; law, the law that is broken, in words, with its law_formula and
    law_latex; formula, as the package writes it; link, a notebook of the course and the heading in it; detail, an
    example, and what hints=2 adds
    """

    passed: bool
    headline: str
    hint: str = ""
    law: str = ""
    law_formula: str = ""
    law_latex: str = ""
    formula: str = ""
    link: str = ""
    detail: str = ""

    def __bool__(self):
        return self.passed

    def __str__(self):
        lines = [f"{self.mark} {self.headline}", self.hint]
        lines += [f"The law: {self.law} {self.law_formula}"] if self.law else []
        if not self.passed:
            lines += [
                f"The formula: {self.formula}" if self.formula else "",
                self.detail,
                f"Read again: {self.link.replace('#', ', section ').replace('*', '')}" if self.link else "",
            ]
        return "\n  ".join(line.replace("\n", "\n  ") for line in lines if line)

    __repr__ = __str__

    def _repr_markdown_(self):
        parts = [f"**{self.mark} {escaped(self.headline)}**", escaped(self.hint).replace("\n", "\n\n")]
        if self.law:
            parts.append(f"*The law:* {escaped(self.law)}\n\n$${self.law_latex}$$")
        if not self.passed:
            parts += [
                f"*The formula:* `{self.formula}`" if self.formula else "",
                f"```text\n{self.detail}\n```" if self.detail else "",
                f"*Read again:* {self.markdown_link}" if self.link else "",
            ]
        return "\n\n".join(part for part in parts if part)

    def _ipython_display_(self):
        """Shows the result as a picture is shown: nbgrader takes the value of a cell for its marks."""
        from IPython.display import display

        display({"text/plain": str(self), "text/markdown": self._repr_markdown_()}, raw=True)

    @property
    def mark(self):
        return "✓" if self.passed else "✗"

    @property
    def markdown_link(self):
        file, _, heading = self.link.partition("#")
        anchor = heading.replace(" ", "-").replace("*", "")
        return f"[{heading or file}]({file}#{anchor})"

    def assert_passed(self):
        """This result, if the answer passed; otherwise AssertionError with the whole text.

        In a notebook the text is shown as it should look, and the error has one line.
        """
        __tracebackhide__ = True  # pytest shows the line of the test, not the one below
        if self.passed:
            return self
        error = AssertionError(str(self))
        if in_notebook():
            self._ipython_display_()
            error._render_traceback_ = lambda: [f"AssertionError: {self.mark} {self.headline}"]
        raise error


def escaped(text):
    """Words as they are, in Markdown: its signs mean nothing there, but for those around code."""
    code = re.split(r"(`[^`]*`)", text)
    return "".join(part if part[:1] == "`" else re.sub(SIGNS, r"\\\g<0>", part) for part in code)


def in_notebook():
    """Whether IPython, in a notebook or in a terminal, runs this; it is not imported to find out."""
    return "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None
