#!/bin/bash
# Compiles the kernels for aarch64 and runs their tests under qemu-user:
#
#   sudo apt-get install g++-12-aarch64-linux-gnu qemu-user-static libgtest-dev libfmt-dev
#   tests/aarch64.sh [folder for objects]
set -euo pipefail
cd "$(dirname "$0")/.."
objects=${1:-$(mktemp -d)}
mkdir -p "$objects/include"
ln -sfn /usr/include/fmt "$objects/include/fmt"  # headers alone: those of Debian's amd64 package serve
gtest=/usr/src/googletest/googletest
export COMPILE="aarch64-linux-gnu-g++-12 -std=c++20 -O2 -fwrapv -DFMT_HEADER_ONLY -Isrc -I$objects/include -I$gtest/include -I$gtest"
export OBJECTS=$objects
{
  find src/kernels -name '*.cpp' ! -name '*_bench.cpp' ! -name 'x86_*' ! -name 'arm_dotprod.cpp'
  echo src/base/cpu.cpp
  echo $gtest/src/gtest-all.cc
  echo $gtest/src/gtest_main.cc
} | xargs -P "$(nproc)" -I{} bash -c '$COMPILE -c {} -o "$OBJECTS/$(echo {} | tr / _).o"'
find src/kernels -name arm_dotprod.cpp |
  xargs -P "$(nproc)" -I{} bash -c '$COMPILE -march=armv8.2-a+dotprod -c {} -o "$OBJECTS/$(echo {} | tr / _).o"'
aarch64-linux-gnu-g++-12 -static -w "$objects"/*.o -o "$objects/kernels_test" -pthread
for cpu in max cortex-a53; do  # with dot products and without
  qemu-aarch64-static -cpu $cpu "$objects/kernels_test" --gtest_brief=1
done
