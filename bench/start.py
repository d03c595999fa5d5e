#!/usr/bin/env python3
"""Start and peak memory of whole models: this engine beside LiteRT with XNNPACK.

    python3 -m venv .bench && .bench/bin/pip install ai-edge-litert numpy
    .bench/bin/python bench/start.py build/release/bin/monolite --threads 1 model.tflite...

Start: for us from exec to the end of a process that makes one inference; for LiteRT from Interpreter() to the end of the
first invoke(), imports not counted. Peak: our process's largest resident size; LiteRT's, less what it is after the import.
The shortest and the smallest of some rounds, the sides in turn. Exits with 1 where one of ours is above LiteRT's.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

LITERT = """
import json, resource, sys, time
import numpy as np
from ai_edge_litert.interpreter import Interpreter
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
files = json.loads(sys.argv[3])
before = peak()
start = time.perf_counter()
interpreter = Interpreter(model_path=sys.argv[1], num_threads=int(sys.argv[2]))
interpreter.allocate_tensors()
for detail in interpreter.get_input_details():
    value = np.fromfile(files[detail["name"]], detail["dtype"]).reshape(detail["shape"])
    interpreter.set_tensor(detail["index"], value)
interpreter.invoke()
print(json.dumps({"ms": (time.perf_counter() - start) * 1e3, "kb": peak() - before}))
"""


def litert(model, threads, files):
    command = [sys.executable, "-c", LITERT, model, str(threads), json.dumps(files)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(lines)
    return result["ms"], result["kb"]


def ours(program, model, threads, files, cache):
    values = ",".join(name.replace(":", "\\:") + ":" + path for name, path in files.items())
    command = [program, "bench", f"--graph={model}", f"--num_threads={threads}", "--num_runs=1", "--min_secs=0",
               "--warmup_runs=0", "--warmup_min_secs=0", "--json", "--input_layer_value_files=" + values]
    if cache:
        command.append("--weight_cache_file_path=" + cache)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed_ms = (time.perf_counter() - start) * 1e3
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{model}: {' '.join(command)} ended with {process.returncode}")
    return elapsed_ms, usage.ru_maxrss


def inputs_of(model, folder):
    """A random file for each input. In a process of its own: what LiteRT leaves behind here would be forked on."""
    script = """
import json, sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter
random, files = np.random.RandomState(0), {}
for i, detail in enumerate(Interpreter(model_path=sys.argv[1]).get_input_details()):
    dtype = np.dtype(detail["dtype"])
    most = 127 if dtype.itemsize == 1 else 2  # wide integers are indices, of tables that may have two rows
    value = random.uniform(-1, 1, detail["shape"]) if dtype.kind == "f" else random.randint(0, most, detail["shape"])
    files[detail["name"]] = f"{sys.argv[2]}/{i}.raw"
    value.astype(dtype).tofile(files[detail["name"]])
print(json.dumps(files))
"""
    command = [sys.executable, "-c", script, model, folder]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--weight_cache", action="store_true", help="ours with a cache of packed weights, made before")
    args = parser.parse_args()
    worse = False
    for model in args.models:
        with tempfile.TemporaryDirectory() as folder:
            files = inputs_of(model, folder)
            cache = f"{folder}/weights.cache" if args.weight_cache else ""
            if cache:
                ours(args.program, model, args.threads, files, cache)
            rounds = [(litert(model, args.threads, files), ours(args.program, model, args.threads, files, cache))
                      for _ in range(args.rounds)]
        (their_ms, their_kb), (our_ms, our_kb) = ([min(values) for values in zip(*side)] for side in zip(*rounds))
        worse |= our_ms > their_ms or our_kb > their_kb
        print(f"{os.path.basename(model)}: start LiteRT {their_ms:.1f} ms, ours {our_ms:.1f} ms, ratio "
              f"{their_ms / our_ms:.2f}; peak LiteRT {their_kb / 1024:.1f} MiB, ours {our_kb / 1024:.1f} MiB, ratio "
              f"{their_kb / our_kb:.2f}", flush=True)
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
