#!/bin/sh
# One search in 16 shards as an array of Slurm:
#   search=$(sbatch --parsable slurm.sh)
#   sbatch --dependency=afterany:"$search" --wrap 'dupeproof merge shards --out report'
# Shards that the report names as missing: sbatch --array=3,7 slurm.sh
#SBATCH --job-name=dupes
#SBATCH --array=1-16
#SBATCH --cpus-per-task=8
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --requeue
set -eu
# SHARDS is not SLURM_ARRAY_TASK_COUNT, which is smaller when only some are run again.
: "${SEARCH:=--project .}" "${CASES:=1000000}" "${SHARDS:=16}" "${OUT:=shards}"

number=$SLURM_ARRAY_TASK_ID
# shellcheck disable=SC2086 # several words
exec dupeproof run $SEARCH --cases "$CASES" --shard "$number/$SHARDS" --out "$OUT/$number" --resume \
    --jobs "${SLURM_CPUS_PER_TASK:-1}"
