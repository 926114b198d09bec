"""What the ids of the F1 games stand for: tracks, teams and kinds of session."""

from __future__ import annotations

from collections.abc import Mapping

_TRACKS: Mapping[int, str] = {
    0: "Melbourne",
    1: "Paul Ricard",
    2: "Shanghai",
    3: "Bahrain",
    4: "Catalunya",
    5: "Monaco",
    6: "Montreal",
    7: "Silverstone",
    8: "Hockenheim",
    9: "Hungaroring",
    10: "Spa",
    11: "Monza",
    12: "Singapore",
    13: "Suzuka",
    14: "Abu Dhabi",
    15: "Texas",
    16: "Brazil",
    17: "Austria",
    18: "Sochi",
    19: "Mexico",
    20: "Baku",
    21: "Bahrain",
    22: "Silverstone",
    23: "Texas",
    24: "Suzuka",
    25: "Hanoi",
    26: "Zandvoort",
    27: "Imola",
    28: "Portimão",
    29: "Jeddah",
    30: "Miami",
    31: "Las Vegas",
    32: "Losail",
    39: "Silverstone",
    40: "Austria",
    41: "Zandvoort",
    42: "Madrid",
}
_LAYOUTS: Mapping[int, str] = {
    21: "short",
    22: "short",
    23: "short",
    24: "short",
    39: "reverse",
    40: "reverse",
    41: "reverse",
}

_CURRENT = (
    "Mercedes",
    "Ferrari",
    "Red Bull Racing",
    "Williams",
    "Aston Martin",
    "Alpine",
    "RB",
    "Haas",
    "McLaren",
    "Sauber",
)
_F2_SEASON = (
    "ART GP",
    "Campos",
    "Rodin Motorsport",
    "AIX Racing",
    "DAMS",
    "Hitech",
    "MP Motorsport",
    "Prema",
    "Trident",
    "Van Amersfoort Racing",
    "Invicta",
)


def _season(first: int, teams: tuple[str, ...], year: str) -> dict[int, str]:
    return {first + index: f"{team} {year}" for index, team in enumerate(teams)}


_TEAMS: Mapping[int, str] = {
    **dict(enumerate(_CURRENT)),
    41: "F1 Generic",
    104: "F1 Custom Team",
    129: "Konnersport",
    142: "APXGP '24",
    143: "ART GP '23",
    144: "Campos '23",
    145: "Carlin '23",
    146: "PHM '23",
    147: "DAMS '23",
    148: "Hitech '23",
    149: "MP Motorsport '23",
    150: "Prema '23",
    151: "Trident '23",
    152: "Van Amersfoort Racing '23",
    153: "Virtuosi '23",
    154: "APXGP '25",
    155: "Konnersport '24",
    **_season(158, _F2_SEASON, "'24"),
    **_season(185, _CURRENT, "'24"),
    **_season(465, _F2_SEASON, "'25"),
    **_season(476, _CURRENT[:-1], "'26"),
    485: "Audi '26",
    486: "Cadillac '26",
}
_TEAMS_2023: Mapping[int, str] = {
    6: "AlphaTauri",
    9: "Alfa Romeo",
    **_season(85, ("Mercedes", "Ferrari", "Red Bull", "Williams"), "2020"),
    **_season(89, ("Racing Point", "Renault", "AlphaTauri", "Haas"), "2020"),
    **_season(93, ("McLaren", "Alfa Romeo"), "2020"),
    **_season(118, _CURRENT, "'22"),
    124: "AlphaTauri '22",
    127: "Alfa Romeo '22",
}
_TEAMS_BY_FORMAT: Mapping[int, Mapping[int, str]] = {2023: {**_TEAMS, **_TEAMS_2023}}

PRACTICE, QUALIFYING, RACE, TIME_TRIAL = 0.0, 1.0, 2.0, 3.0
"""Values of the channel ``session_type``, the same for every game."""

_SESSIONS: Mapping[int, float] = {
    **dict.fromkeys(range(1, 5), PRACTICE),
    **dict.fromkeys(range(5, 15), QUALIFYING),
    **dict.fromkeys(range(15, 18), RACE),
    18: TIME_TRIAL,
}
_SESSIONS_2023: Mapping[int, float] = {
    **dict.fromkeys(range(1, 5), PRACTICE),
    **dict.fromkeys(range(5, 10), QUALIFYING),
    **dict.fromkeys(range(10, 13), RACE),
    13: TIME_TRIAL,
}
_SESSIONS_BY_FORMAT: Mapping[int, Mapping[int, float]] = {2023: _SESSIONS_2023}


def track_name(track_id: int) -> str | None:
    """Return the name of a track, ``track NN`` for a new one; -1 has none."""
    if track_id < 0:
        return None
    return _TRACKS.get(track_id, f"track {track_id}")


def layout_name(track_id: int) -> str | None:
    """Return which variant of its track an id stands for, if it is not the usual."""
    return _LAYOUTS.get(track_id)


def team_name(team_id: int, packet_format: int) -> str:
    """Return the name of a team in a format, ``team NN`` for an unknown one."""
    teams = _TEAMS_BY_FORMAT.get(packet_format, _TEAMS)
    return teams.get(team_id, f"team {team_id}")


def session_kind(session_type: int, packet_format: int) -> float | None:
    """Return the value of the channel ``session_type``, ``None`` if unknown."""
    return _SESSIONS_BY_FORMAT.get(packet_format, _SESSIONS).get(session_type)
