"""What a check says, to a terminal, to a notebook and to pytest."""

from dataclasses import dataclass


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
                f"The formula: {self.formula}",
                self.detail,
                f"Read again: {self.link.replace('#', ', section ')}",
            ]
        return "\n  ".join(line.replace("\n", "\n  ") for line in lines if line)

    __repr__ = __str__

    def _repr_markdown_(self):
        parts = [f"**{self.mark} {self.headline}**", self.hint.replace("\n", "\n\n")]
        if self.law:
            parts.append(f"*The law:* {self.law}\n\n$${self.law_latex}$$")
        if not self.passed:
            detail = f"```text\n{self.detail}\n```" if self.detail else ""
            parts += [f"*The formula:* `{self.formula}`", detail, f"*Read again:* {self.markdown_link}"]
        return "\n\n".join(part for part in parts if part)

    @property
    def mark(self):
        return "✓" if self.passed else "✗"

    @property
    def markdown_link(self):
        file, _, heading = self.link.partition("#")
        return f"[{heading or file}]({file}#{heading.replace(' ', '-')})"

    def assert_passed(self):
        """For a test file of pytest: raises AssertionError with the whole text if the answer did not pass."""
        if not self.passed:
            raise AssertionError(str(self))
