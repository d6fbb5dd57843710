"""What a figure shows, in words."""

from largebatch.figures.face import NO_RUN, end_of_grid, metric_name, most_seeds, rate_label
from largebatch.figures.points import Rows, curves_at


def caption(settings: dict, rows: Rows) -> str:
    """One to four sentences, from `Study.figure_settings` and the rows of the figure's table."""
    shown = settings["figure"]
    if not rows:
        return f"{shown['title']}: {NO_RUN}."
    metrics = " and ".join(metric_name(metric) for metric in shown["metrics"])
    against = f"Final {metrics} against effective learning rate, {_spread(most_seeds(rows))}."
    if shown["kind"] == "momenta":
        return f"{shown['title']}. {against} One line per momentum, one row per batch size."
    return f"{shown['title']}. Top: {_lower(against)} {_optimum(settings, rows)}"


def _spread(seeds: int) -> str:
    if seeds == 1:
        return "of a single seed"
    return f"mean ± standard deviation (ddof = 1) over those of {seeds} seeds that stayed finite"


def _optimum(settings: dict, rows: Rows) -> str:
    shown, (sweep,), rate = settings["figure"], settings["sweeps"], curves_at(rows)
    if rate is None:
        return "At every rate at least one seed diverged, so no rate is called the optimum."
    paper = shown["paper_optimum"]
    theirs = f" (the paper's optimum: {rate_label(paper)})" if paper is not None else ""
    return (
        f"Bottom: the same during training at {rate_label(rate)}"
        f"{end_of_grid(rate, sweep['effective_lrs'])}, where the final "
        f"{metric_name(shown['metrics'][-1])} is best among the rates without divergence{theirs}."
    )


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
