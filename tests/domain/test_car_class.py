from __future__ import annotations

import pytest

from ps_tui.domain.car_class import car_class


@pytest.mark.parametrize(
    ("car", "name"),
    [
        ("Ferrari 488 GT3", "GT3"),
        ("ks_audi_r8_gt3", "GT3"),
        ("Porsche 911 GT3 Cup", "CUP"),
        ("Oreca 07 LMP2", "LMP2"),
        ("Mazda MX-5", "Mazda MX-5"),
        ("Lightgt3ning", "Lightgt3ning"),
        (None, None),
    ],
)
def test_the_class_is_a_word_of_the_name(car: str | None, name: str | None) -> None:
    assert car_class(car) == name
