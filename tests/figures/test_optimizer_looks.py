"""Optimizers are told apart, by the same look in every figure."""

from dataclasses import replace

import pytest
from laid_out import draw_in_memory
from matplotlib.colors import to_hex
from synthetic_runs import write_runs

from largebatch.analysis.tables import write_figure_table
from largebatch.figures.style import looks
from largebatch.study import load_study


def test_two_optimizers_never_look_alike():
    names = ["sgd", *(f"momentum-0.{digit}" for digit in range(1, 10))]
    names += [f"nesterov-0.{digit}" for digit in range(1, 10)]
    found = looks(names).values()
    assert len({(look.colour, look.marker, look.line) for look in found}) == len(names)


def test_every_form_of_momentum_has_its_name_and_look():
    found = looks(["sgd", "momentum-0.9", "nesterov-0.9", "corrected-0.9"])
    labels = [look.label for look in found.values()]
    assert labels == ["SGD", "momentum 0.9", "Nesterov 0.9", "corrected momentum 0.9"]
    assert len({look.colour for look in found.values()}) == 4


def test_a_momentum_is_written_as_its_file_name_has_it():
    assert looks(["momentum-0.123456789"])["momentum-0.123456789"].label == "momentum 0.123456789"


@pytest.mark.parametrize(("figure", "optimizers"), [("fig2", 7), ("fig2", 8), ("fig3", 8)])
def test_of_lines_with_one_colour_the_face_says_how_they_differ(tmp_path, figure, optimizers):
    names = ["sgd", *(f"{f}-{m}" for f in ("momentum", "corrected") for m in (0.8, 0.9, 0.99, 0.5))]
    demo = load_study("demo")
    chosen = {k: replace(w, optimizers=tuple(names[:optimizers])) for k, w in demo.sweeps.items()}
    study = replace(demo, sweeps=chosen)
    write_runs(study, tmp_path, [figure])
    write_figure_table(study, figure, tmp_path)
    drawn = draw_in_memory(study, figure, tmp_path)
    found = list(drawn.sheet.shown[0].looks.values())
    said = "lines of one colour differ in marker and dashes" in " ".join(drawn.words())
    assert said == (len({look.colour for look in found}) < optimizers) == (optimizers == 8)
    assert len({look.marker for look in found if look.colour == found[-1].colour}) == 1 + said
    renderer, whole = drawn.sheet.figure.canvas.get_renderer(), drawn.sheet.figure.bbox
    box = drawn.sheet.figure.legends[0].get_window_extent(renderer)
    assert whole.x0 <= box.x0 and box.x1 <= whole.x1


def test_an_optimizer_looks_the_same_in_every_figure(drawn):
    seen = {}
    for figure in drawn.values():
        for gid, line in (figure.lines("sweep") | figure.lines("curves")).items():
            look = to_hex(line.get_color()), line.get_marker(), line.get_linestyle()
            seen.setdefault(gid.split(":")[-1], set()).add(look)
    assert len(seen) == 5
    assert all(len(variants) == 1 for variants in seen.values())
    assert len({next(iter(v))[0] for v in seen.values()}) == 5
    assert next(iter(seen["sgd"])) == ("#0072b2", "o", "-")
    assert next(iter(seen["momentum-0.9"])) == ("#d55e00", "s", "--")
