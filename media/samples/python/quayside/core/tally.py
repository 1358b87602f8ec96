"""Tally: the journal of the harbour. Facts are named, so that lines can be searched by programs."""

from __future__ import annotations

from typing import Any, List

from quayside.core.watch import Watch

LEVELS = ("note", "heed", "alarm")


class Tally:
    """Lines of the form `0012 note berth.reserve berth=B-0001`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.lines: List[str] = []

    def note(self, topic: str, **facts: Any) -> None:
        """Something went as it should."""
        self._write("note", topic, facts)

    def heed(self, topic: str, **facts: Any) -> None:
        """Something is unusual; somebody should look at it."""
        self._write("heed", topic, facts)

    def alarm(self, topic: str, **facts: Any) -> None:
        """Something is dangerous; somebody must act."""
        self._write("alarm", topic, facts)

    def about(self, topic: str) -> List[str]:
        """Return the lines about one topic."""
        return [line for line in self.lines if line.split(" ")[2] == topic]

    def _write(self, level: str, topic: str, facts: dict) -> None:
        shown = "".join(f" {name}={value}" for name, value in facts.items())
        self.lines.append(f"{self._watch.now():04d} {level} {topic}{shown}")
