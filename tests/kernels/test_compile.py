"""Every kernel compiles for a Hopper GPU, also where there is none to run it."""

import os
import subprocess
import sys
from pathlib import Path

SHARED = 227 * 1024  # bytes that a program may have of a multiprocessor's memory


def printed_by(script: str, cache: Path) -> list[list[str]]:
    """Words of each line."""
    environment = os.environ | {"TRITON_CACHE_DIR": str(cache)}
    command = [sys.executable, str(Path(__file__).with_name(script))]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_every_kernel_compiles(tmp_path):
    lines = printed_by("compile_for_hopper.py", tmp_path)
    made = {name: rest for name, *rest in lines}
    assert len(made) == 14 and all(int(size) > 0 for size, *_ in made.values())
    for name, (_, *words) in made.items():
        meets = name in ("forward_steps", "backward_steps")
        assert words == (["acquire", "release", "__assertfail"] if meets else [])


def test_joint_convolutions_compile_to_what_hopper_is_fast_at(tmp_path):
    """Boxes by the copy engine, products by warp groups where there are 64 results; no spills."""
    (combine, *lines) = printed_by("compile_lane_conv.py", tmp_path)
    assert combine[3:] == ["0"]
    kinds = []
    for name, shared, _, spilled, product, *boxes in lines:
        assert int(shared) <= SHARED and int(spilled) == 0 and boxes == ["cp.async.bulk.tensor"]
        kinds.append((name, product))
    names = {"forward", "by_input", "partial_by_weight"}
    assert {name for name, product in kinds if product == "wgmma.mma_async"} == names
    assert len(kinds) == 17 and sum(product == "mma.sync" for _, product in kinds) == 4
