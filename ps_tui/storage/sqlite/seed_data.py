"""What a seed puts into a database: a small crew with a car and a race weekend.

Every id follows from a natural key, every time is fixed: two seeds of the same
version are the same rows. The e-mail addresses end in a name that can never exist.
"""

from __future__ import annotations

import json
import uuid
from typing import Any, NamedTuple

NAMESPACE = uuid.UUID("5b0fd0d2-6a0e-5a8c-9d68-0f0b7b1d2a51")
SEEDED_US = 1_767_261_600_000_000
"""2026-01-01 10:00 UTC."""


class SeedRow(NamedTuple):
    """One row. ``refers`` gives for a column the table and natural key it points at.

    ``kept`` names columns that an existing row keeps, whatever the seed says.
    """

    table: str
    key: str
    values: dict[str, Any]
    refers: dict[str, tuple[str, str]] = {}  # noqa: RUF012  never changed
    kept: tuple[str, ...] = ()


LOCAL = ("users", "")
"""The local user, whoever that is in this database."""


def seed_id(table: str, key: str) -> str:
    """Return the id of a seeded row: the same in every database."""
    return str(uuid.uuid5(NAMESPACE, f"{table}/{key}"))


def _user(key: str, name: str, role: str) -> SeedRow:
    email = f"{key}@purple-sector.invalid"
    values = {"name": name, "email": email, "role": role}
    return SeedRow("users", key, values, kept=("role", "name"))


SEED: tuple[SeedRow, ...] = (
    _user("demo", "Demo driver", "user"),
    _user("admin", "Demo admin", "admin"),
    SeedRow(
        "events",
        "weekend",
        {
            "name": "Demo weekend",
            "description": "Made by ps-tui db seed",
            "location": "Merlin Park",
            "start_date": "2026-01-03",
            "end_date": "2026-01-04",
            "status": "active",
        },
        {"user_n": LOCAL},
    ),
    SeedRow(
        "event_participants",
        "weekend/demo",
        {"role": "participant"},
        {"event_n": ("events", "weekend"), "user_n": ("users", "demo")},
        kept=("role",),
    ),
    SeedRow(
        "event_participants",
        "weekend/admin",
        {"role": "organizer"},
        {"event_n": ("events", "weekend"), "user_n": ("users", "admin")},
        kept=("role",),
    ),
    SeedRow(
        "prizes",
        "weekend/fastest",
        {"name": "Fastest lap", "description": "A tyre warmer"},
        {"event_n": ("events", "weekend")},
    ),
    SeedRow(
        "vehicles",
        "merlin",
        {
            "name": "Merlin GT 4.0",
            "description": "The car of the built-in driver",
            "tags": json.dumps(["demo", "gt"]),
            "in_service_date": "2026-01-01",
        },
        {"user_n": LOCAL},
    ),
    SeedRow(
        "vehicle_configurations",
        "merlin/sprint",
        {
            "name": "Sprint",
            "parts": json.dumps({"gearbox": "short", "wing": "high downforce"}),
        },
        {"vehicle_n": ("vehicles", "merlin")},
    ),
    *(
        SeedRow(
            "vehicle_setups",
            f"merlin/{name.lower()}",
            {
                "name": name,
                "parameters": json.dumps(
                    [
                        {"key": "wing", "value": wing, "units": "clicks"},
                        {"key": "pressure_front", "value": bar, "units": "bar"},
                    ]
                ),
            },
            {
                "vehicle_n": ("vehicles", "merlin"),
                "configuration_n": ("vehicle_configurations", "merlin/sprint"),
            },
        )
        for name, wing, bar in (("Dry", 5, 1.85), ("Rain", 8, 1.95))
    ),
    SeedRow(
        "saved_plot_layouts",
        "driver inputs",
        {
            "name": "Driver inputs",
            "configs": json.dumps(
                [
                    {"channels": ["speed"], "axis": "distance"},
                    {"channels": ["throttle", "brake"], "axis": "distance"},
                ]
            ),
            "layout": json.dumps({"rows": [[0], [1]]}),
        },
        {"user_n": LOCAL},
    ),
    SeedRow(
        "math_telemetry_channels",
        "speed in m/s",
        {"name": "Speed in m/s", "formula": "speed / 3.6", "unit": "m/s"},
        {"user_n": LOCAL},
    ),
)

DEMO_SESSION = SeedRow(
    "sessions",
    "weekend/demo laps",
    {"name": "Demo laps", "source": "demo", "status": "completed"},
    {
        "user_n": LOCAL,
        "event_n": ("events", "weekend"),
        "vehicle_n": ("vehicles", "merlin"),
        "configuration_n": ("vehicle_configurations", "merlin/sprint"),
        "setup_n": ("vehicle_setups", "merlin/dry"),
    },
    kept=("status",),
)
