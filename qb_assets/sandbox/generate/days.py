"""Days and moments of a generated company, in the Pacific zone QuickBooks answers in.

A day is a number: 0 is the first day of the books, `Calendar.last` the day before `today`.
A moment is a number of seconds of wall clock since the first midnight: `day * 86400 + second`.
"""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
DAY = 86_400
OPENING = 8 * 3600
CLOSING = 17 * 3600
FOUNDED = OPENING - 3600
"""The second of the first day when the lists of the new company were made."""
AFTER_HOURS = CLOSING + 1800
# Due dates and next dates reach past the last day.
_AHEAD = 430


class Calendar:
    """The `days` days before `today`, as texts and moments that are looked up, not computed.

    Moments fall between morning and evening, so that the offset at noon is the offset of the day
    even on the two Sundays of the year when the clocks change.
    """

    def __init__(self, today: date, days: int) -> None:
        self.first = today - timedelta(days=days)
        self.days = days
        self.last = days - 1
        span = [self.first + timedelta(days=n) for n in range(days + _AHEAD)]
        self.texts = [day.isoformat() for day in span]
        noons = [datetime.combine(day, time(12), PACIFIC) for day in span[:days]]
        self._offsets = [noon.isoformat()[-6:] for noon in noons]
        self._midnights = [noon.astimezone(timezone.utc) - timedelta(hours=12) for noon in noons]

    def date(self, day: int) -> date:
        """The date of a day."""
        return self.first + timedelta(days=day)

    def weekday(self, day: int) -> int:
        """0 for Monday to 6 for Sunday."""
        return (self.first.weekday() + day) % 7

    def starts_month(self, day: int) -> bool:
        """Whether a day is the first of its month."""
        return self.texts[day].endswith("-01")

    def ends_month(self, day: int) -> bool:
        """Whether a day is the last of its month."""
        return self.texts[day + 1].endswith("-01")

    def stamp(self, moment: int) -> str:
        """A moment as QuickBooks writes it: `2026-04-05T14:49:30-07:00`."""
        day, second = divmod(moment, DAY)
        hour, second = divmod(second, 3600)
        minute, second = divmod(second, 60)
        return f"{self.texts[day]}T{hour:02d}:{minute:02d}:{second:02d}{self._offsets[day]}"

    def moment(self, moment: int) -> datetime:
        """A moment as a datetime in UTC."""
        day, second = divmod(moment, DAY)
        return self._midnights[day] + timedelta(seconds=second)
