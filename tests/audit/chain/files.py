"""Names of the tiny study's files."""

DATA = "results/data/digits.safetensors"
RUN = "results/tiny/runs/encoder/b64/sgd/lr0.1/seed0.parquet"
OTHER_RUN = "results/tiny/runs/encoder/b64/sgd/lr0.1/seed1.parquet"
TABLE = "results/tiny/tables/fig1.parquet"
FIGURE = "results/tiny/figures/fig1"
PNG = f"{FIGURE}.png"


def name_of(run: str) -> str:
    """The run's name, as commands take it."""
    return run.removeprefix("results/tiny/runs/").removesuffix(".parquet")
