-- Back to revision 1: what only revision 2 can hold goes.

DROP TABLE store_facts;
DROP TABLE plugin_migrations;
DROP TABLE audit;
DROP TABLE markers;

DROP INDEX laps_unsealed;
DROP INDEX laps_best;
ALTER TABLE laps DROP COLUMN stint;
ALTER TABLE laps DROP COLUMN driver;
ALTER TABLE laps DROP COLUMN excluded_reason;
ALTER TABLE laps DROP COLUMN excluded_us;
ALTER TABLE laps DROP COLUMN notes;
ALTER TABLE laps DROP COLUMN tags;
CREATE INDEX laps_best ON laps (session_n, lap_time_ms)
    WHERE kind = 'flying' AND valid = 1 AND state <> 'open'
      AND lap_time_ms IS NOT NULL AND deleted_us IS NULL;

DROP INDEX sessions_by_setup;
DROP INDEX sessions_by_configuration;
DROP INDEX sessions_by_vehicle;
ALTER TABLE sessions DROP COLUMN setup_n;
ALTER TABLE sessions DROP COLUMN configuration_n;
ALTER TABLE sessions DROP COLUMN vehicle_n;

DROP TABLE winners;
DROP TABLE prizes;
DROP TABLE event_participants;
DROP TABLE math_telemetry_channels;
DROP TABLE saved_plot_layouts;
DROP TABLE vehicle_setups;
DROP TABLE vehicle_configurations;
DROP TABLE vehicles;
