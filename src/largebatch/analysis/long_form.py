"""The table of a figure: its columns (a contract) and where it lies."""

import pyarrow as pa

from largebatch.study import Study

SCHEMA = pa.schema(
    [
        ("panel", pa.string()),
        ("metric", pa.string()),
        ("optimizer", pa.string()),
        ("momentum", pa.float64()),
        ("batch", pa.int64()),
        ("effective_lr", pa.float64()),
        ("epoch", pa.int32()),
        ("mean", pa.float64()),
        ("std", pa.float64()),
        ("n", pa.int32()),
        ("diverged", pa.int32()),
    ]
)


def table_path(study: Study, figure: str) -> str:
    """results/<study>/tables/fig<k>.parquet, below the checkout."""
    return f"results/{study.name}/tables/{figure}.parquet"
