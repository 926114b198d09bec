-- Back to revision 2: figures are made anew when they are wanted, moved lines go.

DROP INDEX laps_listed;
DROP TABLE sector_lines;
DROP TABLE lap_figures;
