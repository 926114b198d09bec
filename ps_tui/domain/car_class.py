"""Which cars are compared with each other: the class that a car's name tells."""

from __future__ import annotations

import re

_CLASSES = (
    "GT1",
    "GT2",
    "GT3",
    "GT4",
    "GTE",
    "LMP1",
    "LMP2",
    "LMP3",
    "LMDh",
    "TCR",
    "TCX",
    "CUP",
    "F1",
    "F2",
    "F3",
    "F4",
    "R1",
    "R2",
    "R3",
    "R4",
    "R5",
    "WRC",
)
_BY_WORD = {name.upper(): name for name in _CLASSES}
_WORD = re.compile(r"[^\W_]+")


def car_class(car: str | None) -> str | None:
    """Return the class in the name of a car, else the car as a class of its own.

    Games send a name, few a class: "Ferrari 488 GT3" and "ks_audi_r8_gt3" are GT3. A
    class is a whole word of the name; the last one counts ("911 GT3 Cup" is CUP).
    """
    if car is None:
        return None
    found = [
        name
        for word in _WORD.findall(car.upper())
        if (name := _BY_WORD.get(word)) is not None
    ]
    return found[-1] if found else car
