#!/bin/bash
# SLURM's commands, pretended: a job runs here, at once. Linked to as sbatch, squeue, scancel, sinfo.
# $QUEUE/<id>.{name,state,pid}: its jobs; $QUEUE/slow: sbatch takes a job and tells it later.
cd_to=.
case ${0##*/} in
sinfo) echo "main*|1-00:00:00|64000|idle" ;;
squeue)
  for name in "$QUEUE"/*.name; do
    id=$(basename "$name" .name)
    [ -e "$name" ] && echo "$(<"$name")|$id|$(<"$QUEUE/$id.state")|None|n1|main|1:00|59:00"
  done
  exit 0 ;;
scancel)
  for id; do
    [ -e "$QUEUE/$id.name" ] || continue # a name, or no job
    echo CANCELLED >"$QUEUE/$id.state"; kill -TERM -- "-$(<"$QUEUE/$id.pid")"
  done
  exit 0 ;;
sbatch)
  case " $* " in *" --test-only "*) exit 0 ;; esac
  while [ $# -gt 1 ]; do
    case $1 in --job-name) name=$2 ;; --output) log=$2 ;; -D) cd_to=$2 ;; esac
    shift
  done
  cd "$cd_to" || exit 1
  for ((id = 1; ; id++)); do mkdir "$QUEUE/$id" 2>/dev/null && break; done
  log=$(sed "s/%%/\x01/g; s/%j/$id/g; s/\x01/%/g" <<<"$log")
  echo RUNNING >"$QUEUE/$id.state"; echo "$name" >"$QUEUE/$id.name"
  setsid bash -c 'bash "$0" && said=COMPLETED || said=FAILED; echo $said >"$1"' "$1" "$QUEUE/$id.state" \
    </dev/null >"$log" 2>&1 &
  echo $! >"$QUEUE/$id.pid"
  if [ -e "$QUEUE/slow" ]; then sleep 2; fi
  echo "Welcome to the cluster of 2026"; echo "$id;pretended"; echo "Have a nice day" ;;
esac
