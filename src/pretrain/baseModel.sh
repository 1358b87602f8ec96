#!/usr/bin/env bash
# Makes the embedded base model from nothing: packages -> corpus -> generated functions -> tokenizer -> token shards ->
# training -> media/rgft-base. Needs Debian's apt-get and dpkg-deb, npm, python3 and some hours; every step is seeded.
#   baseModel.sh [work folder] [HumanEval.jsonl.gz]
# Stopped or killed, it goes on where it was.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-.rgft/base-model}
problems=(--problems media/problems/problems.jsonl)
[ -n "${2:-}" ] && problems+=(--problems "$2")
run() { node --import tsx "$@"; }
mkdir -p "$work"

[ -e "$work/corpus/train.jsonl" ] || run src/pretrain/corpus.ts --out "$work/corpus" --cache "$work/cache"
[ -e "$work/corpus/functions.jsonl" ] || run src/pretrain/functions/generate.ts --megabytes 80 --out "$work/corpus/functions.jsonl"
[ -e "$work/tokenizer/tokenizer.json" ] ||
  run src/pretrain/bpe.ts --corpus "$work/corpus" --out "$work/tokenizer" --vocab 4096 train.jsonl=0.35 functions.jsonl=0.5
[ -e "$work/tokens/manifest.json" ] ||
  run src/pretrain/tokens.ts --corpus "$work/corpus" --tokenizer "$work/tokenizer" --out "$work/tokens" \
    "${problems[@]}" --weight typescript=2 --weight javascript=1 --weight functions=0.75

resume=()
[ -e "$work/run/run.json" ] && resume=(--resume)
run src/cli.ts pretrain --recipe src/pretrain/base.json --tokens "$work/tokens" --tokenizer "$work/tokenizer" \
  --run "$work/run" --out media/rgft-base "${resume[@]}"
