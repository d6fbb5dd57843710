"""Reading a study is what `snakemake -n` waits for, so it must import nothing heavy."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "matplotlib", "torchvision")


def test_studies_are_read_without_torch_or_numpy():
    program = (
        "import sys; from largebatch.study import load_study; load_study('paper').runs; "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
