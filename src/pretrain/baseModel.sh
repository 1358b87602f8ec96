#!/usr/bin/env bash
# Makes the embedded base model from nothing: packages -> corpus -> generated functions -> tokenizer -> token shards ->
# training -> media/rgft-base. Needs Debian's apt-get and dpkg-deb, npm, python3 and some hours; every step is seeded.
#   baseModel.sh [--check] [work folder] [HumanEval.jsonl.gz]
# Stopped or killed, it goes on where it was. With --check it trains 200 steps and compares their losses with the
# committed ones (base.losses.json, made with HumanEval given); media/rgft-base stays as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
check=
if [ "${1:-}" = --check ]; then check=1; shift; fi
work=${1:-.rgft/base-model}
problems=(--problems media/problems/problems.jsonl)
[ -n "${2:-}" ] && problems+=(--problems "$2")
run() { node --import tsx "$@"; }
mkdir -p "$work"

[ -e "$work/corpus/train.jsonl" ] || run src/pretrain/corpus.ts --out "$work/corpus" --cache "$work/cache"
[ -e "$work/corpus/functions.jsonl" ] || run src/pretrain/functions/generate.ts --megabytes 80 "${problems[@]}" \
  --out "$work/corpus/functions.jsonl"
[ -e "$work/tokenizer/tokenizer.json" ] ||
  run src/pretrain/bpe.ts --corpus "$work/corpus" --out "$work/tokenizer" --vocab 4096 train.jsonl=0.35 functions.jsonl=0.5
[ -e "$work/tokens/manifest.json" ] ||
  run src/pretrain/tokens.ts --corpus "$work/corpus" --tokenizer "$work/tokenizer" --out "$work/tokens" \
    "${problems[@]}" --weight typescript=2 --weight javascript=1 --weight functions=0.75

if [ -n "$check" ]; then
  rm -rf "$work/check"
  run src/cli.ts pretrain --recipe src/pretrain/base.json --tokens "$work/tokens" --tokenizer "$work/tokenizer" \
    --run "$work/check" --max-steps 200
  exec node --import tsx src/pretrain/checkLosses.ts "$work/check"
fi

resume=()
[ -e "$work/run/run.json" ] && resume=(--resume)
run src/cli.ts pretrain --recipe src/pretrain/base.json --tokens "$work/tokens" --tokenizer "$work/tokenizer" \
  --run "$work/run" --out media/rgft-base "${resume[@]}"
