"""Dates in words of other languages: “19 août 2025 à 10h30”, “19. August 2025, 10:30 Uhr”, “2025年8月19日”.

Only whole forms are read, and only names that mean one month in every language that has them: *listopada* is November
in Polish and October in Croatian, so it is not here.
"""

from __future__ import annotations

import re
from datetime import datetime

_NAMES = """
januar january janvier enero gennaio janeiro januari ocak января січня stycznia januarie janv jan jän jänner ledna
februar february février fevrier febrero febbraio fevereiro februari şubat февраля лютого lutego févr feb února
märz march mars marzo março maart mart марта березня marca maret mär mrz března
april avril abril aprile nisan апреля квітня kwietnia avr apr dubna
mai may mayo maggio maio mei mayıs мая травня maja května maj
juni june juin junio giugno junho haziran июня червня czerwca června jun
juli july juillet julio luglio julho temmuz июля липня lipca července juil jul
august août aout agosto augustus ağustos августа серпня sierpnia agustus augusti srpna aug
september septembre septiembre settembre setembro eylül сентября вересня września září sept sep
oktober october octobre octubre ottobre outubro ekim октября жовтня października října okt oct
november novembre noviembre novembro kasım ноября листопада nov
dezember december décembre decembre diciembre dicembre dezembro aralık декабря грудня grudnia desember déc dez dec
""".strip()
_MONTHS = {name: number for number, names in enumerate(_NAMES.splitlines(), 1) for name in names.split()}
_CLOCK = r"(?:[,;|•·–-]|\s|\b(?:à|alle|ore|um|a las|a la|às|as|om|kl|klo|saat|godz|в|о|pukul|v)\b\.?)*"
_TIME = rf"(?:{_CLOCK}(?P<hour>[01]?\d|2[0-3])\s?[:h.]\s?(?P<minute>[0-5]\d)(?::[0-5]\d)?\s?(?:uhr|h|hs|ч|год)?\.?)?"
_WEEKDAYS = (
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim "
    "lunes martes miércoles jueves viernes sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica "
    "segunda terça quarta quinta sexta maandag dinsdag woensdag donderdag vrijdag zaterdag zondag "
    "poniedziałek wtorek środa czwartek piątek sobota niedziela понедельник вторник среда четверг пятница суббота "
    "воскресенье понеділок середа четвер пʼятниця п'ятниця субота неділя senin selasa rabu kamis jumat sabtu minggu "
    "måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag"
)
_WEEKDAY = rf"(?:(?:{'|'.join(_WEEKDAYS.split())})(?:-feira)?\.?,?\s+(?:(?:den|le|de|o|el)\s+)?|(?:den|le|el)\s+)?"
_YEAR = r"(?P<year>[12]\d{3})(?:\s?(?:г|р|года|року|r)\.?)?"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:\.|er|º|°|-?го)?\s+(?:de\s+|di\s+)?(?P<month>[^\W\d_]{{3,12}})\.?,?\s+"
    rf"(?:de\s+|del\s+)?{_YEAR}{_TIME}"
)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}(?P<month>[^\W\d_]{{3,12}})\.?\s+(?P<day>\d{{1,2}}),\s+{_YEAR}{_TIME}")
_EAST_ASIAN = re.compile(
    r"(?P<year>[12]\d{3})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]"
    r"(?:\s?[(（][^)）]{1,4}[)）])?(?:\s?(?P<hour>[01]?\d|2[0-3])\s?[:時时시]\s?(?P<minute>[0-5]\d)(?::[0-5]\d)?\s?[分분]?)?"
)


def in_words(text: str) -> datetime | None:
    """The date that a text of one of these forms names, without a time zone; None when it has none of the forms."""
    folded = text.casefold().strip(" .")
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _EAST_ASIAN):
        if match := pattern.fullmatch(folded):
            month = match["month"]
            number = int(month) if month.isdecimal() else _MONTHS.get(month)
            if number is None:
                return None
            hour, minute = int(match["hour"] or 0), int(match["minute"] or 0)
            try:
                return datetime(int(match["year"]), number, int(match["day"]), hour, minute)
            except ValueError:
                return None
    return None
