#!/usr/bin/env bash
# Everything that needs a GPU, the most useful first; docs/gpu.md explains it.
#
#   bash benchmarks/on_gpu.sh                            everything
#   LIMIT=590 bash benchmarks/on_gpu.sh tests gpu        some of: tests gpu peers profile runs convolutions; in 590 seconds
#
# Needs python3 with PyTorch (2.11 or newer) and, for some parts, the packages that docs/gpu.md names; no network.
# Tables and logs go to $OUT (default results/benchmarks), each as soon as it exists. `runs` needs results/plans,
# made where the locked environment is, and puts the planned runs that there are, and their logs, into $OUT/runs.tar too:
#   python benchmarks/real_runs.py plan mnist-full autoencoder-b64 --seeds 1 2
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=src PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
export CUBLAS_WORKSPACE_CONFIG=:4096:8
out=${OUT:-results/benchmarks}
limit=${LIMIT:-7200}
failed=0

least() { echo $(($1 < $2 ? $1 : $2)); }
left() { # N: seconds left of LIMIT, minus N, at least 1 (bash's SECONDS counts from the start)
    local rest=$((limit - SECONDS - ${1:-0}))
    echo $((rest > 1 ? rest : 1))
}

step() { # NAME SECONDS COMMAND...: run it, at most so long; output and time go to the screen and $out/NAME.log
    local name=$1 most started=$SECONDS
    most=$(least "$2" "$(left)")
    shift 2
    echo "== $name, $most s at most: $*"
    timeout --kill-after=15 "$most" "$@" 2>&1 | tee "$out/$name.log"
    local code=${PIPESTATUS[0]}
    echo "== $name: $((SECONDS - started)) s, exit code $code" | tee -a "$out/$name.log"
    [ "$code" -eq 0 ] || failed=1
}

runs() {
    if ! compgen -G "results/plans/*.json" >/dev/null; then
        echo "== runs: nothing is planned in results/plans (docs/gpu.md)"
        return
    fi
    # A pack that is under way when time is up is told to stop and leaves checkpoints.
    step runs "$(left 20)" python3 benchmarks/real_runs.py train --minutes "${MINUTES:-9}"
    if ! python3 benchmarks/real_runs.py files | tar -cf "$out/runs.tar" -T -; then
        echo "== runs: $out/runs.tar is incomplete" | tee -a "$out/runs.log"
        failed=1
    fi
}

[[ $limit =~ ^[1-9][0-9]*$ ]] || { echo "on_gpu.sh: LIMIT is a number of seconds, not '$limit'." >&2; exit 2; }
parts="tests gpu peers profile runs convolutions"
[ $# -gt 0 ] || set -- tests gpu runs peers profile convolutions # in the order of their use
for part in "$@"; do # check all names before any part runs
    [[ " $parts " == *" $part "* ]] || { echo "on_gpu.sh: no part is called '$part'; there are ${parts// /, }." >&2; exit 2; }
done
mkdir -p "$out"
for part in "$@"; do
    case $part in
        tests) step tests 300 python3 -m pytest -q -n 8 -p no:cacheprovider tests/gpu tests/kernels ;;
        gpu) step gpu 480 python3 benchmarks/gpu.py --out "$out" --seconds "$(least 420 $(left 45))" ;;
        peers) step peers 450 python3 benchmarks/peers.py --out "$out" --seconds "$(least 400 $(left 20))" ;;
        profile) step profile 180 python3 benchmarks/profile_steps.py --seconds "$(least 120 $(left 20))" ;;
        convolutions) step convolutions 180 python3 benchmarks/convolutions.py --out "$out" --seconds "$(least 90 $(left 60))" ;;
        runs) runs ;;
    esac
done
exit $failed
