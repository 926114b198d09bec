"""The cars of Assetto Corsa Competizione by the number of their model.

The numbers are those that server settings and results use. Sources disagree about
the GT4 and GT2 cars, which are therefore known by number alone.
"""

from __future__ import annotations

from collections.abc import Mapping

_MODELS: Mapping[int, str] = {
    0: "Porsche 991 GT3 R",
    1: "Mercedes-AMG GT3",
    2: "Ferrari 488 GT3",
    3: "Audi R8 LMS",
    4: "Lamborghini Huracán GT3",
    5: "McLaren 650S GT3",
    6: "Nissan GT-R Nismo GT3 2018",
    7: "BMW M6 GT3",
    8: "Bentley Continental GT3 2018",
    9: "Porsche 991 II GT3 Cup",
    10: "Nissan GT-R Nismo GT3 2017",
    11: "Bentley Continental GT3 2016",
    12: "Aston Martin V12 Vantage GT3",
    13: "Lamborghini Gallardo R-EX",
    14: "Jaguar G3",
    15: "Lexus RC F GT3",
    16: "Lamborghini Huracán GT3 Evo",
    17: "Honda NSX GT3",
    18: "Lamborghini Huracán Super Trofeo",
    19: "Audi R8 LMS Evo",
    20: "Aston Martin V8 Vantage GT3",
    21: "Honda NSX GT3 Evo",
    22: "McLaren 720S GT3",
    23: "Porsche 991 II GT3 R",
    24: "Ferrari 488 GT3 Evo",
    25: "Mercedes-AMG GT3 2020",
    26: "Ferrari 488 Challenge Evo",
    27: "BMW M2 CS Racing",
    28: "Porsche 992 GT3 Cup",
    29: "Lamborghini Huracán Super Trofeo Evo2",
    30: "BMW M4 GT3",
    31: "Audi R8 LMS Evo II",
    32: "Ferrari 296 GT3",
    33: "Lamborghini Huracán GT3 Evo2",
    34: "Porsche 992 GT3 R",
    35: "McLaren 720S GT3 Evo",
    36: "Ford Mustang GT3",
}


def car_name(model: int) -> str:
    """Return the name of a model, ``car model NN`` for one that came later."""
    return _MODELS.get(model, f"car model {model}")
