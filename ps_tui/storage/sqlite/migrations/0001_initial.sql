-- Users, events, sessions, laps and their telemetry.
--
-- Keys: `n` inside the file, a UUIDv7 text `id` outside. Times: integer UTC
-- microseconds. Soft delete: everything deleted in one act carries one deleted_us,
-- so that restoring brings back exactly that.

CREATE TABLE schema_migrations (
    revision INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_us INTEGER NOT NULL,
    app_version TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    email TEXT UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE TABLE events (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    location TEXT,
    start_date TEXT,
    end_date TEXT,
    status TEXT NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'active', 'completed', 'cancelled')),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER,
    CHECK (end_date IS NULL OR start_date IS NULL OR end_date >= start_date)
) STRICT;

-- Lists newest first; also what the cascade from users searches.
CREATE INDEX events_by_user ON events (user_n, created_us);
CREATE INDEX events_deleted ON events (user_n, deleted_us)
    WHERE deleted_us IS NOT NULL;

CREATE TABLE sessions (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    event_n INTEGER REFERENCES events (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    source TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'recording', 'paused', 'completed',
                          'interrupted', 'archived')),
    tags TEXT,
    car TEXT,
    driver TEXT,
    track TEXT,
    layout TEXT,
    track_length_m REAL,
    channels_json TEXT NOT NULL DEFAULT '[]',
    started_us INTEGER,
    ended_us INTEGER,
    recorder_pid INTEGER,
    recorder_started_us INTEGER,
    recorder_boot_id TEXT,
    recorder_host TEXT,
    recorder_label TEXT,
    heartbeat_us INTEGER,
    last_row INTEGER NOT NULL DEFAULT 0,
    dropped_frames INTEGER NOT NULL DEFAULT 0,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_n, created_us);
CREATE INDEX sessions_by_event ON sessions (event_n, created_us);
CREATE INDEX sessions_deleted ON sessions (user_n, deleted_us)
    WHERE deleted_us IS NOT NULL;
CREATE INDEX sessions_recording ON sessions (n) WHERE status = 'recording';

CREATE TABLE laps (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session_n INTEGER NOT NULL REFERENCES sessions (n) ON DELETE CASCADE,
    lap_number INTEGER NOT NULL,
    lap_time_ms INTEGER CHECK (lap_time_ms >= 0),
    clock_time_ms INTEGER,
    is_official INTEGER NOT NULL DEFAULT 0 CHECK (is_official IN (0, 1)),
    kind TEXT NOT NULL DEFAULT 'partial'
        CHECK (kind IN ('flying', 'out', 'in', 'pit', 'partial')),
    valid INTEGER NOT NULL DEFAULT 0 CHECK (valid IN (0, 1)),
    reason TEXT,
    -- open: being driven. closed: its frames are rows. sealed: they are a trace.
    state TEXT NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'closed', 'sealed')),
    started_us INTEGER NOT NULL,
    ended_us INTEGER,
    frame_count INTEGER NOT NULL DEFAULT 0 CHECK (frame_count >= 0),
    top_speed_kmh REAL,
    created_us INTEGER NOT NULL,
    deleted_us INTEGER,
    UNIQUE (session_n, lap_number)
) STRICT;

-- The rule of Lap.counts_as_best; min(lap_time_ms) reads one entry.
CREATE INDEX laps_best ON laps (session_n, lap_time_ms)
    WHERE kind = 'flying' AND valid = 1 AND state <> 'open'
      AND lap_time_ms IS NOT NULL AND deleted_us IS NULL;

-- The live tail: frames of laps that have no trace yet, appended in order of
-- arrival. It holds a lap or two, so that a scan of it is a read of those laps and
-- an index on lap_n would only add writes.
CREATE TABLE telemetry_frames (
    row INTEGER PRIMARY KEY,
    lap_n INTEGER NOT NULL REFERENCES laps (n) ON DELETE CASCADE,
    received_us INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    throttle REAL,
    brake REAL,
    steering REAL,
    speed_kmh REAL,
    gear INTEGER,
    rpm REAL,
    lap_time_ms INTEGER,
    lap_number INTEGER,
    normalized_position REAL,
    sequence INTEGER,
    -- little-endian float32 in the order of sessions.channels_json; NaN: missing.
    extra BLOB
) STRICT;

CREATE TABLE lap_traces (
    lap_n INTEGER PRIMARY KEY REFERENCES laps (n) ON DELETE CASCADE,
    frame_count INTEGER NOT NULL CHECK (frame_count > 0),
    codec INTEGER NOT NULL,
    channels_json TEXT NOT NULL,
    t0_us INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

-- What a repair took away, and frames that no column could hold.
CREATE TABLE quarantine (
    n INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    check_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_json TEXT NOT NULL,
    blob BLOB
) STRICT;
