"""The sheet of paper: title, notices and legend above the panels, facts below, in inches."""

from dataclasses import dataclass, field

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from largebatch.figures.marks import TALLY_ROW

WIDTH = 6.75  # ICML, both columns
PANEL_HEIGHT = 1.62
LINE = 0.15
EDGE = 0.06
RED = "#B00020"


@dataclass
class Sheet:
    """A figure with `rows` x `columns` panels; `axes` is indexed [row][column]."""

    figure: Figure
    axes: list[list[Axes]]
    header: list[tuple[str, dict]]
    footer: list[str]
    tallies: dict[int, int] = field(default_factory=dict)  # row: lines of tallies above it

    @property
    def column_width(self) -> float:
        """Of the frame of one panel, in points, roughly: labels take about 0.6 in."""
        return (WIDTH / len(self.axes[0]) - 0.62) * 72

    def make_room(self, row: int, tallies: int) -> None:
        """Let a row of panels be higher by so many lines of tallies."""
        self.tallies[row] = max(self.tallies.get(row, 0), tallies)

    def finish(self, handles: list[Artist]) -> Figure:
        """Place words and panels; the layout is solved once, not once a format."""
        lines, count = len(self.header) + 1, len(self.footer)
        above, below = EDGE + lines * LINE + 0.05, EDGE + count * LINE
        room = TALLY_ROW / 72 * sum(self.tallies.values())
        height = above + PANEL_HEIGHT * len(self.axes) + room + below
        figure = self.figure
        figure.set_size_inches(WIDTH, height)
        for place, (words, look) in enumerate(self.header):
            top = 1 - (EDGE + place * LINE) / height
            figure.text(EDGE / WIDTH, top, words, va="top", ha="left", **look)
        for place, words in enumerate(reversed(self.footer)):
            bottom = (EDGE + place * LINE) / height
            figure.text(
                EDGE / WIDTH, bottom, words, va="bottom", ha="left", fontsize=6, color="0.3"
            )
        legend = figure.legend(
            handles=handles, ncols=len(handles), columnspacing=1.4, loc="upper left",
            bbox_to_anchor=(EDGE / WIDTH, 1 - (EDGE + (lines - 1) * LINE) / height),
        )  # fmt: skip
        legend.set_in_layout(False)
        box = (0, below / height, 1, 1 - (above + below) / height)
        figure.set_layout_engine("constrained", rect=box, w_pad=0.04, h_pad=0.04, hspace=0.02)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        return figure


def new_sheet(
    rows: int,
    columns: int,
    title: str,
    notice: str | None,
    unfinished: str | None,
    footer: list[str],
    **sharing: str,
) -> Sheet:
    """An empty sheet. `sharing` goes to `Figure.subplots`."""
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **sharing)
    header = [(title, {"weight": "bold", "fontsize": 8})]
    if unfinished:
        header.append((unfinished, {"weight": "bold", "color": RED}))
    if notice:
        header.append((notice, {"style": "italic", "color": RED}))
    return Sheet(figure, [list(row) for row in axes], header, footer)
