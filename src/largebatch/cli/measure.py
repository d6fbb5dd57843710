"""`largebatch measure`: curvature and gradient noise of trained networks."""

from typing import Annotated

import typer

from largebatch.cli.options import Device, StudyName, chosen, note_code
from largebatch.study import load_config

Figure = Annotated[
    list[str] | None, typer.Option("--figure", help="Only this figure; may be given several times.")
]


def measure(study: StudyName = None, figure: Figure = None, device: Device = None) -> None:
    """Train some runs again and measure their curvature and noise.

    Needs the figure's table. Writes results/<study>/measured/<figure>.*; prints h_max, the limits
    that it sets, and the noise.

    Example: largebatch measure --study demo --figure fig7
    """
    note_code("measure", "measured")
    from largebatch.analysis.measure.measurer import Measurer
    from largebatch.analysis.measure.summary import summary
    from largebatch.figures.plates.measured import write_measured

    found, device = chosen(study), device or load_config()["device"]
    measurer = Measurer(found, device=device)
    for name in [found.figure(name).name for name in figure or found.figures]:
        table, facts = write_measured(measurer, name)
        same = facts["reproduced"]
        words = f"{same['same']} of {same['of']} runs trained again have the numbers in their files"
        typer.echo(f"{name}: {words}\n{summary(table)}")
