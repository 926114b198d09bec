from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class TelemetryFrame(_message.Message):
    __slots__ = (
        "timestamp",
        "speed",
        "throttle",
        "brake",
        "steering",
        "gear",
        "rpm",
        "normalized_position",
        "lap_number",
        "lap_time",
        "session_time",
        "session_type",
        "track_position",
        "delta",
        "sequence",
        "in_pit",
        "lap_valid",
        "last_lap_time",
        "best_lap_time",
        "clutch",
        "fuel",
        "world_x",
        "world_y",
        "world_z",
        "g_lateral",
        "g_longitudinal",
        "g_vertical",
        "max_rpm",
        "lap_distance",
        "tyre_temperature",
        "tyre_pressure",
        "tyre_wear",
        "brake_temperature",
        "suspension_travel",
        "wheel_slip",
        "sector1_time",
        "sector2_time",
        "ers_charge",
        "drs_open",
        "flag",
        "car",
        "driver",
        "track",
        "layout",
        "track_length",
    )
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    THROTTLE_FIELD_NUMBER: _ClassVar[int]
    BRAKE_FIELD_NUMBER: _ClassVar[int]
    STEERING_FIELD_NUMBER: _ClassVar[int]
    GEAR_FIELD_NUMBER: _ClassVar[int]
    RPM_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_POSITION_FIELD_NUMBER: _ClassVar[int]
    LAP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LAP_TIME_FIELD_NUMBER: _ClassVar[int]
    SESSION_TIME_FIELD_NUMBER: _ClassVar[int]
    SESSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    TRACK_POSITION_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    IN_PIT_FIELD_NUMBER: _ClassVar[int]
    LAP_VALID_FIELD_NUMBER: _ClassVar[int]
    LAST_LAP_TIME_FIELD_NUMBER: _ClassVar[int]
    BEST_LAP_TIME_FIELD_NUMBER: _ClassVar[int]
    CLUTCH_FIELD_NUMBER: _ClassVar[int]
    FUEL_FIELD_NUMBER: _ClassVar[int]
    WORLD_X_FIELD_NUMBER: _ClassVar[int]
    WORLD_Y_FIELD_NUMBER: _ClassVar[int]
    WORLD_Z_FIELD_NUMBER: _ClassVar[int]
    G_LATERAL_FIELD_NUMBER: _ClassVar[int]
    G_LONGITUDINAL_FIELD_NUMBER: _ClassVar[int]
    G_VERTICAL_FIELD_NUMBER: _ClassVar[int]
    MAX_RPM_FIELD_NUMBER: _ClassVar[int]
    LAP_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    TYRE_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TYRE_PRESSURE_FIELD_NUMBER: _ClassVar[int]
    TYRE_WEAR_FIELD_NUMBER: _ClassVar[int]
    BRAKE_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    SUSPENSION_TRAVEL_FIELD_NUMBER: _ClassVar[int]
    WHEEL_SLIP_FIELD_NUMBER: _ClassVar[int]
    SECTOR1_TIME_FIELD_NUMBER: _ClassVar[int]
    SECTOR2_TIME_FIELD_NUMBER: _ClassVar[int]
    ERS_CHARGE_FIELD_NUMBER: _ClassVar[int]
    DRS_OPEN_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    CAR_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    TRACK_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_FIELD_NUMBER: _ClassVar[int]
    TRACK_LENGTH_FIELD_NUMBER: _ClassVar[int]
    timestamp: int
    speed: float
    throttle: float
    brake: float
    steering: float
    gear: int
    rpm: int
    normalized_position: float
    lap_number: int
    lap_time: int
    session_time: float
    session_type: int
    track_position: int
    delta: int
    sequence: int
    in_pit: bool
    lap_valid: bool
    last_lap_time: int
    best_lap_time: int
    clutch: float
    fuel: float
    world_x: float
    world_y: float
    world_z: float
    g_lateral: float
    g_longitudinal: float
    g_vertical: float
    max_rpm: float
    lap_distance: float
    tyre_temperature: _containers.RepeatedScalarFieldContainer[float]
    tyre_pressure: _containers.RepeatedScalarFieldContainer[float]
    tyre_wear: _containers.RepeatedScalarFieldContainer[float]
    brake_temperature: _containers.RepeatedScalarFieldContainer[float]
    suspension_travel: _containers.RepeatedScalarFieldContainer[float]
    wheel_slip: _containers.RepeatedScalarFieldContainer[float]
    sector1_time: int
    sector2_time: int
    ers_charge: float
    drs_open: bool
    flag: int
    car: str
    driver: str
    track: str
    layout: str
    track_length: float
    def __init__(
        self,
        timestamp: _Optional[int] = ...,
        speed: _Optional[float] = ...,
        throttle: _Optional[float] = ...,
        brake: _Optional[float] = ...,
        steering: _Optional[float] = ...,
        gear: _Optional[int] = ...,
        rpm: _Optional[int] = ...,
        normalized_position: _Optional[float] = ...,
        lap_number: _Optional[int] = ...,
        lap_time: _Optional[int] = ...,
        session_time: _Optional[float] = ...,
        session_type: _Optional[int] = ...,
        track_position: _Optional[int] = ...,
        delta: _Optional[int] = ...,
        sequence: _Optional[int] = ...,
        in_pit: _Optional[bool] = ...,
        lap_valid: _Optional[bool] = ...,
        last_lap_time: _Optional[int] = ...,
        best_lap_time: _Optional[int] = ...,
        clutch: _Optional[float] = ...,
        fuel: _Optional[float] = ...,
        world_x: _Optional[float] = ...,
        world_y: _Optional[float] = ...,
        world_z: _Optional[float] = ...,
        g_lateral: _Optional[float] = ...,
        g_longitudinal: _Optional[float] = ...,
        g_vertical: _Optional[float] = ...,
        max_rpm: _Optional[float] = ...,
        lap_distance: _Optional[float] = ...,
        tyre_temperature: _Optional[_Iterable[float]] = ...,
        tyre_pressure: _Optional[_Iterable[float]] = ...,
        tyre_wear: _Optional[_Iterable[float]] = ...,
        brake_temperature: _Optional[_Iterable[float]] = ...,
        suspension_travel: _Optional[_Iterable[float]] = ...,
        wheel_slip: _Optional[_Iterable[float]] = ...,
        sector1_time: _Optional[int] = ...,
        sector2_time: _Optional[int] = ...,
        ers_charge: _Optional[float] = ...,
        drs_open: _Optional[bool] = ...,
        flag: _Optional[int] = ...,
        car: _Optional[str] = ...,
        driver: _Optional[str] = ...,
        track: _Optional[str] = ...,
        layout: _Optional[str] = ...,
        track_length: _Optional[float] = ...,
    ) -> None: ...
