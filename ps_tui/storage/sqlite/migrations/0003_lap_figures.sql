-- What the frames of laps amount to, and where a person put the sector lines.

-- Made of the lap's trace and time, and made anew when they or the rule change:
-- losing a row loses nothing. lines: 'game' where the game sent the splits, else the
-- two places on the lap. minis: little-endian int32, ms; -1 where it is not known.
CREATE TABLE lap_figures (
    lap_n INTEGER PRIMARY KEY REFERENCES laps (n) ON DELETE CASCADE,
    rule INTEGER NOT NULL,
    of_frames INTEGER NOT NULL,
    of_time_ms INTEGER,
    lines TEXT NOT NULL,
    sector1_ms INTEGER,
    sector2_ms INTEGER,
    sector3_ms INTEGER,
    minis BLOB,
    rate_hz REAL,
    longest_gap_ms REAL,
    drift_ms REAL,
    fuel_used REAL,
    fuel_unit TEXT,
    tyre_wear REAL
) STRICT;

-- id is made of track and layout, so that an archive brings none twice.
CREATE TABLE sector_lines (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    track TEXT NOT NULL,
    layout TEXT NOT NULL DEFAULT '',
    line1 REAL NOT NULL,
    line2 REAL NOT NULL,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    CHECK (line1 > 0 AND line1 < line2 AND line2 < 1)
) STRICT;

-- Pages of the lap table: counted and skipped without reading a lap, for which the
-- index has to hold what its own condition is about.
CREATE INDEX laps_listed ON laps (session_n, lap_number, state, deleted_us)
    WHERE state <> 'open' AND deleted_us IS NULL;
