"""The columns of results/<study>/measured/*.parquet.

Claims read these files, so this module imports no torch.
"""

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("quantity", pa.string()),
        ("task", pa.string()),
        ("batch", pa.int64()),
        ("optimizer", pa.string()),
        ("effective_lr", pa.float64()),
        ("seed", pa.int64()),
        ("epoch", pa.int32()),
        ("value", pa.float64()),
        ("probe_batch", pa.int64()),  # of the minibatches measured on; null: not one size
        ("normalization", pa.string()),  # batch, ghost or none; null: a model that has none to vary
    ]
)
