-- Back to revision 2: figures are made anew when they are wanted, moved lines go.

DROP TABLE sector_lines;
DROP TABLE lap_figures;
