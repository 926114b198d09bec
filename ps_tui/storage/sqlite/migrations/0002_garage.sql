-- Vehicles with their parts and setups, saved plots, math channels, the people of
-- an event, marks on laps, and who changed what.
--
-- JSON columns are checked for their shape before they are written; the CHECK only
-- keeps out what is no JSON at all. What a person makes has a deleted_us; names that
-- have to be unique are so among what is not deleted.

CREATE TABLE vehicles (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)),
    in_service_date TEXT,
    out_of_service_date TEXT,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER,
    CHECK (out_of_service_date IS NULL OR in_service_date IS NULL
           OR out_of_service_date >= in_service_date)
) STRICT;

CREATE INDEX vehicles_by_user ON vehicles (user_n, name COLLATE NOCASE);

-- parts: an object, part to what is fitted.
CREATE TABLE vehicle_configurations (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    vehicle_n INTEGER NOT NULL REFERENCES vehicles (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    parts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(parts)),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX vehicle_configurations_by_vehicle
    ON vehicle_configurations (vehicle_n, created_us);

-- parameters: a list of {key, value, units}.
CREATE TABLE vehicle_setups (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    vehicle_n INTEGER NOT NULL REFERENCES vehicles (n) ON DELETE CASCADE,
    configuration_n INTEGER
        REFERENCES vehicle_configurations (n) ON DELETE SET NULL,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    parameters TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(parameters)),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX vehicle_setups_by_vehicle ON vehicle_setups (vehicle_n, created_us);
CREATE INDEX vehicle_setups_by_configuration ON vehicle_setups (configuration_n)
    WHERE configuration_n IS NOT NULL;

CREATE TABLE saved_plot_layouts (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    configs TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(configs)),
    layout TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(layout)),
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX saved_plot_layouts_by_user
    ON saved_plot_layouts (user_n, name COLLATE NOCASE);
CREATE UNIQUE INDEX saved_plot_layouts_default ON saved_plot_layouts (user_n)
    WHERE is_default = 1 AND deleted_us IS NULL;

CREATE TABLE math_telemetry_channels (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    formula TEXT NOT NULL CHECK (length(formula) > 0),
    unit TEXT,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE UNIQUE INDEX math_telemetry_channels_name
    ON math_telemetry_channels (user_n, name) WHERE deleted_us IS NULL;
CREATE INDEX math_telemetry_channels_by_user
    ON math_telemetry_channels (user_n, created_us);

CREATE TABLE event_participants (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event_n INTEGER NOT NULL REFERENCES events (n) ON DELETE CASCADE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    role TEXT NOT NULL DEFAULT 'participant'
        CHECK (role IN ('admin', 'organizer', 'moderator', 'participant', 'viewer')),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER,
    UNIQUE (event_n, user_n)
) STRICT;

CREATE INDEX event_participants_by_user ON event_participants (user_n);

CREATE TABLE prizes (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    event_n INTEGER NOT NULL REFERENCES events (n) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    description TEXT,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX prizes_by_event ON prizes (event_n, created_us);

-- A prize that has been won is not deleted under its winner. Deleting the whole
-- event takes winners first, as the participant's cascade does.
CREATE TABLE winners (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    prize_n INTEGER NOT NULL REFERENCES prizes (n) ON DELETE RESTRICT,
    participant_n INTEGER NOT NULL
        REFERENCES event_participants (n) ON DELETE CASCADE,
    place INTEGER CHECK (place > 0),
    created_us INTEGER NOT NULL,
    UNIQUE (prize_n, participant_n)
) STRICT;

CREATE INDEX winners_by_participant ON winners (participant_n);

-- What a session was driven with. Partial: most searches of the cascade then find
-- nothing to read, and sessions without a car of the garage cost no entry.
ALTER TABLE sessions ADD COLUMN vehicle_n INTEGER
    REFERENCES vehicles (n) ON DELETE SET NULL;
ALTER TABLE sessions ADD COLUMN configuration_n INTEGER
    REFERENCES vehicle_configurations (n) ON DELETE SET NULL;
ALTER TABLE sessions ADD COLUMN setup_n INTEGER
    REFERENCES vehicle_setups (n) ON DELETE SET NULL;

CREATE INDEX sessions_by_vehicle ON sessions (vehicle_n, created_us)
    WHERE vehicle_n IS NOT NULL;
CREATE INDEX sessions_by_configuration ON sessions (configuration_n)
    WHERE configuration_n IS NOT NULL;
CREATE INDEX sessions_by_setup ON sessions (setup_n) WHERE setup_n IS NOT NULL;

-- excluded_us: a person took the lap out of bests and averages, for a reason.
ALTER TABLE laps ADD COLUMN tags TEXT;
ALTER TABLE laps ADD COLUMN notes TEXT;
ALTER TABLE laps ADD COLUMN excluded_us INTEGER;
ALTER TABLE laps ADD COLUMN excluded_reason TEXT;
ALTER TABLE laps ADD COLUMN driver TEXT;
ALTER TABLE laps ADD COLUMN stint INTEGER CHECK (stint > 0);

DROP INDEX laps_best;
CREATE INDEX laps_best ON laps (session_n, lap_time_ms)
    WHERE kind = 'flying' AND valid = 1 AND state <> 'open'
      AND lap_time_ms IS NOT NULL AND deleted_us IS NULL AND excluded_us IS NULL;

-- A lap or two: what a start looks for when a recorder has died.
CREATE INDEX laps_unsealed ON laps (session_n) WHERE state <> 'sealed';

-- A moment that somebody wants to find again. lap_n is missing between laps.
CREATE TABLE markers (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session_n INTEGER NOT NULL REFERENCES sessions (n) ON DELETE CASCADE,
    lap_n INTEGER REFERENCES laps (n) ON DELETE CASCADE,
    received_us INTEGER NOT NULL,
    position REAL CHECK (position BETWEEN 0 AND 1),
    note TEXT NOT NULL DEFAULT '',
    created_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX markers_by_session ON markers (session_n, received_us);
CREATE INDEX markers_by_lap ON markers (lap_n) WHERE lap_n IS NOT NULL;

-- Edits past the screens: the row before and after, for a person to read.
CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    before_json TEXT CHECK (before_json IS NULL OR json_valid(before_json)),
    after_json TEXT CHECK (after_json IS NULL OR json_valid(after_json))
) STRICT;

CREATE INDEX audit_by_row ON audit (table_name, row_id);

-- A plug-in's tables begin with its name and have a ledger of their own.
CREATE TABLE plugin_migrations (
    namespace TEXT NOT NULL,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_us INTEGER NOT NULL,
    app_version TEXT NOT NULL,
    PRIMARY KEY (namespace, revision)
) STRICT;

-- What the storage layer remembers about this file: plug-ins seen, restores.
CREATE TABLE store_facts (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
