"""Page: plain text with aligned columns, for the logbook."""

from __future__ import annotations

from typing import Any, List, Tuple

WIDTH = 48


class Page:
    """Collects lines and renders them at the end."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._lines: List[Tuple[str, str]] = []

    def heading(self, words: str) -> None:
        """Begin a part of the page."""
        self._lines.append(("heading", words))

    def line(self, label: str, value: Any) -> None:
        """Write a label on the left and its value on the right."""
        shown = str(value)
        dots = "." * max(2, WIDTH - len(label) - len(shown) - 2)
        self._lines.append(("line", f"{label} {dots} {shown}"))

    def nothing(self, words: str) -> None:
        """Say that there is nothing to report."""
        self._lines.append(("line", f"({words})"))

    def render(self) -> str:
        """Return the text of the page."""
        rendered = [self.title.upper(), "=" * len(self.title)]
        for kind, words in self._lines:
            if kind == "heading":
                rendered += ["", words, "-" * len(words)]
            else:
                rendered.append(words)
        return "\n".join(rendered) + "\n"
