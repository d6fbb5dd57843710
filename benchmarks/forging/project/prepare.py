"""Write data/digits.npz: scikit-learn's digits in [0, 1], the last ones for testing."""

from pathlib import Path

import numpy as np
import yaml
from sklearn.datasets import load_digits

if __name__ == "__main__":
    settings = yaml.safe_load(Path("params.yaml").read_text())["data"]
    images, labels = load_digits(return_X_y=True)
    Path("data").mkdir(exist_ok=True)
    np.savez("data/digits.npz", images=images / 16, labels=labels, test=settings["test_examples"])
