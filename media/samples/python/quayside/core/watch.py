"""Watch: the time of the harbour in minutes since it was opened. Nobody reads the computer's clock."""

from __future__ import annotations

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR


class Watch:
    """A clock that moves only when it is told to."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        """Return the current minute."""
        return self._now

    def pass_minutes(self, minutes: int) -> int:
        """Let time pass and return the new time."""
        if minutes < 0:
            raise ValueError("time does not run backwards")
        self._now += minutes
        return self._now

    def hours_since(self, minute: int) -> int:
        """Return the begun hours since a minute in the past: 1 for 1 to 60 minutes."""
        return -(-(self._now - minute) // MINUTES_PER_HOUR)

    def day(self) -> int:
        """Return the number of the current day, beginning with 1."""
        return self._now // MINUTES_PER_DAY + 1


def clock_face(minute: int) -> str:
    """Show a minute as day and time: `2d 07:05`."""
    day, rest = divmod(minute, MINUTES_PER_DAY)
    return f"{day + 1}d {rest // MINUTES_PER_HOUR:02d}:{rest % MINUTES_PER_HOUR:02d}"
