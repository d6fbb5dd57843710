"""The parts of a figure: final metrics and curves or, in kind momenta, a part for each batch."""

from collections.abc import Callable

from matplotlib.artist import Artist

from largebatch.figures.momenta import draw_momenta
from largebatch.figures.sweep import draw_sweep

# (sheet, its panels by part and metric, rows, settings, labels of the axes) -> keys of the legend
Draw = Callable[..., list[Artist]]


def parts(settings: dict) -> tuple[list[str], Draw]:
    """The names of a figure's parts, empty where none is needed; and the function that draws them.

    settings: `Study.figure_settings`.
    """
    if settings["figure"]["kind"] == "momenta":
        return [f"batch {sweep['batch']}" for sweep in settings["sweeps"]], draw_momenta
    return ["", ""], draw_sweep
