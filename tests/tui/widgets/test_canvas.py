from ps_tui.tui.widgets.canvas import Canvas


def text(canvas: Canvas) -> str:
    return "\n".join(canvas.row(y) for y in range(canvas.height))


def staircase(*, is_ascii: bool = False) -> Canvas:
    canvas = Canvas(4, 2, is_ascii=is_ascii)
    for column in range(8):
        canvas.set_column(0, column, 1 << column)
    return canvas


def test_levels_count_from_the_bottom_left() -> None:
    assert text(staircase()) == "  ⡠⠊\n⡠⠊  "


def test_plain_characters_follow_the_height_of_the_dots() -> None:
    assert text(staircase(is_ascii=True)) == "  _-\n_-  "


def test_upright_strokes_are_upright_in_plain_characters() -> None:
    canvas = Canvas(1, 2, is_ascii=True)
    canvas.set_column(0, 0, 0b0111_1111)
    assert text(canvas) == "|\n|"


def test_scrolling_moves_whole_cells_and_leaves_fixed_layers() -> None:
    canvas = Canvas(3, 1, layers=2)
    canvas.set_column(0, 0, 0b1000)
    canvas.set_column(1, 4, 0b0001)
    canvas.scroll(1, fixed_layers=1)
    assert canvas.runs(0) == [(0, "⠁"), (1, "⡀ ")]


def test_scrolling_further_than_the_width_empties_the_canvas() -> None:
    canvas = staircase()
    canvas.scroll(99)
    assert text(canvas) == "    \n    "


def test_the_higher_layer_owns_a_cell_that_two_share() -> None:
    canvas = Canvas(3, 1, layers=2)
    for column in range(6):
        canvas.set_column(0, column, 0b0001)
    canvas.set_column(1, 2, 0b1000)
    assert canvas.runs(0) == [(0, "⣀"), (1, "⣁"), (0, "⣀")]


def test_blank_cells_join_a_neighbour_and_a_blank_row_has_no_owner() -> None:
    canvas = Canvas(4, 2)
    canvas.set_column(0, 3, 0b1111)
    assert canvas.runs(0) == [(-1, "    ")]
    assert canvas.runs(1) == [(0, " ⢸  ")]


def test_only_rows_that_changed_are_dirty() -> None:
    canvas = Canvas(2, 3)
    canvas.dirty_rows.clear()
    canvas.set_column(0, 1, 0b0000_0001_0000)
    assert canvas.dirty_rows == {1}
    canvas.dirty_rows.clear()
    canvas.set_column(0, 1, 0b0000_0001_0000)
    assert canvas.dirty_rows == set()
