#!/usr/bin/env bash
# All work that wants a GPU, in the order of its use; docs/gpu.md explains it.
#
#   bash benchmarks/on_gpu.sh                       everything
#   bash benchmarks/on_gpu.sh tests gpu             some of: tests gpu peers profile runs
#
# Needs python3 with PyTorch (2.11 or newer) and, for `tests`, pytest; nothing else of the lock, no network.
# Tables and logs go to $OUT (default results/benchmarks). `runs` wants results/plans, made where the lock is:
#   python benchmarks/real_runs.py plan paper autoencoder-b64
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=src OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE CUBLAS_WORKSPACE_CONFIG=:4096:8
out=${OUT:-results/benchmarks}
mkdir -p "$out"
failed=0

step() { # NAME SECONDS COMMAND...: its output on the screen and in $out/NAME.log
    local name=$1 limit=$2
    shift 2
    echo "== $name: $*"
    timeout "$limit" "$@" 2>&1 | tee "$out/$name.log"
    local code=${PIPESTATUS[0]}
    [ "$code" -eq 0 ] || { echo "== $name: exit code $code"; failed=1; }
}

[ $# -gt 0 ] || set -- tests gpu peers profile runs
for part in "$@"; do
    case $part in
        tests) step tests 580 python3 -m pytest -q -p no:cacheprovider tests/gpu tests/kernels ;;
        gpu) step gpu 480 python3 benchmarks/gpu.py --out "$out" ;;
        peers) step peers 580 python3 benchmarks/peers.py --out "$out" ;;
        profile) step profile 300 python3 benchmarks/profile_steps.py ;;
        runs)
            if compgen -G "results/plans/*.json" >/dev/null; then
                step runs 7200 python3 benchmarks/real_runs.py train --minutes "${MINUTES:-9}"
            else
                echo "== runs: nothing is planned in results/plans (docs/gpu.md)"
            fi
            ;;
        *) echo "on_gpu.sh: no part is called '$part'; there are tests, gpu, peers, profile, runs." >&2; exit 2 ;;
    esac
done
exit $failed
