"""Time and peak memory of export and convert, each beside its bound: 2 s, and 4 times what is read plus 64 MiB.

    python3 bench/convert.py build/release/bin/monolite ../shared/fixtures/deeplab_dm10_qat [--rounds 5]

The folder holds a quantization-aware DeepLab checkpoint. The rounds' shortest time and largest peak count, pinned to one core. Exit code 1 where a
bound is passed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SECONDS, TIMES, MORE_BYTES = 2.0, 4, 64 << 20


def pinned():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def measure(command):
    """Seconds and peak bytes of one run."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=pinned)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(said.decode())
    return time.monotonic() - start, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--rounds', type=int, default=5)
    a = parser.parse_args()
    index = min(a.folder.glob('*.index'))
    read = sum(f.stat().st_size for f in a.folder.glob(f'{index.stem}.*'))
    good = True
    with tempfile.TemporaryDirectory() as t:
        graph = pathlib.Path(t) / 'graph.pb'
        export = [a.program, 'export', f'--checkpoint_path={index.with_suffix("")}', f'--export_path={graph}',
                  '--model_variant=mobilenet_v2', '--output_stride=16', '--quantize_delay_step=0']
        convert = [a.program, 'convert', f'--quantized_graph_def_path={graph}', f'--output_tflite_path={t}/model.tflite']
        for name, command in (('export', export), ('convert', convert)):
            runs = [measure(command) for _ in range(a.rounds)]
            seconds, peak = min(r[0] for r in runs), max(r[1] for r in runs)
            bound = TIMES * (read if name == 'export' else graph.stat().st_size) + MORE_BYTES
            good &= seconds < SECONDS and peak < bound
            print(f'{name:8} {seconds:.3f} s (bound {SECONDS:.0f}), {peak / 2**20:.1f} MiB (bound {bound / 2**20:.0f})')
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
