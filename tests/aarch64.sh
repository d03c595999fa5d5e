#!/bin/bash
# The kernels, compiled for 64-bit ARM, pass their tests under qemu-user, on a processor with dot products and on one
# without:
#
#   ./setup --aarch64
#   tests/aarch64.sh           # kernels_test: a minute
#   tests/aarch64.sh --all     # also ops_test, runtime_test, and models, whose outputs are those of this machine's program
#
# 77: skipped, for the compiler, the emulator or the board's libraries are absent.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() { echo "skipped: no $1 (./setup --aarch64)"; exit 77; }
command -v aarch64-linux-gnu-g++-12 >/dev/null || skip "cross compiler"
command -v qemu-aarch64-static >/dev/null || skip "emulator"
[ -d build/aarch64-sysroot/usr/lib ] || skip "libraries of the board"
bin=build/aarch64/bin
here=${MONOLITE_BIN:-build/bin}  # programs of this machine

build() {
  nice cmake --build build/aarch64 -j "$(nproc)" --target "$@" >build/aarch64/build.log 2>&1 && return
  grep -E -A5 "error|FAILED" build/aarch64/build.log
  exit 1
}

# The tests of a folder, with every instruction set that a processor has.
folder_tests() {
  for cpu in max cortex-a53; do
    echo "== $1_test on qemu's $cpu"
    qemu-aarch64-static -cpu $cpu "$bin/$1_test" --gtest_brief=1
  done
}

# One model, one picture: the same bits here and there.
same_outputs() {
  echo "== $1"
  local out isa
  out=$(mktemp -d)
  "$here/monolite" run "$1" "$2" --quiet --dump-outputs "$out/here" >/dev/null
  for isa in none neon dotprod; do
    MONOLITE_ISA=$isa qemu-aarch64-static "$bin/monolite" run "$1" "$2" --quiet --dump-outputs "$out/$isa" >/dev/null
    diff -r "$out/here" "$out/$isa" && echo "$isa: the same bits"
  done
  rm -r "$out"
}

cmake --preset aarch64 >/dev/null
build kernels_test
folder_tests kernels
[ "${1:-}" = --all ] || exit 0
build ops_test runtime_test monolite
folder_tests ops
folder_tests runtime
for model in models/scenes/*.tflite ../shared/models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite; do
  [ ! -f "$model" ] || same_outputs "$model" docs/images/fix.png
done
