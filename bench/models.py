#!/usr/bin/env python3
"""Times whole models: this engine and LiteRT with XNNPACK, in turn, in one run.

    python3 -m venv .bench && .bench/bin/pip install ai-edge-litert numpy
    .bench/bin/python bench/models.py build/release/bin/monolite --threads 1 model.tflite...

--processor_time counts what one thread works instead of what passes: for machines that do other things as well.

One line a model: medians over rounds of each side's median, their ratio, and our multiply-accumulates a second. On a busy
machine compare ratios only; the two sides suffer alike.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def inputs_of(interpreter, folder):
    """Random values for each input, set in the interpreter and written to files: name -> path."""
    random, files = np.random.RandomState(0), {}
    for i, detail in enumerate(interpreter.get_input_details()):
        if np.issubdtype(detail["dtype"], np.floating):
            value = random.uniform(-1, 1, detail["shape"]).astype(detail["dtype"])
        elif detail["dtype"] in (np.int32, np.int64):  # indices into tables, of which some have two rows
            value = random.randint(0, 2, detail["shape"]).astype(detail["dtype"])
        else:
            value = random.randint(0, 127, detail["shape"]).astype(detail["dtype"])
        interpreter.set_tensor(detail["index"], value)
        path = os.path.join(folder, f"{i}.raw")
        value.tofile(path)
        files[detail["name"].replace(":", "\\:")] = path
    return files


def litert_ms(interpreter, seconds):
    interpreter.invoke()
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        interpreter.invoke()
        times.append((time.perf_counter() - before) * 1e3)
    return statistics.median(times)


def our_ms(program, model, files, threads, seconds):
    command = [program, "bench", f"--graph={model}", f"--num_threads={threads}", "--json", "--num_runs=3",
               f"--min_secs={seconds}", "--input_layer_value_files=" + ",".join(f"{n}:{p}" for n, p in files.items())]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["inference_ms"]["median"]


def processor_ms(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def processor_times(interpreter, program, model, files, seconds):
    """LiteRT's and ours for one inference: of ours, what twice as many take more."""
    start = time.perf_counter()
    interpreter.invoke()
    runs = max(4, int(seconds / (time.perf_counter() - start)))
    before = time.thread_time()
    for _ in range(runs):
        interpreter.invoke()
    litert = (time.thread_time() - before) * 1e3 / runs
    command = [program, "bench", f"--graph={model}", "--num_threads=1", "--min_secs=0", "--warmup_runs=1", "--warmup_min_secs=0",
               "--input_layer_value_files=" + ",".join(f"{n}:{p}" for n, p in files.items())]
    return litert, (processor_ms(command + [f"--num_runs={2 * runs}"]) - processor_ms(command + [f"--num_runs={runs}"])) / runs


def macs_of(program, model):
    command = [program, "inspect", model, "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["totals"]["macs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--processor_time", action="store_true")
    args = parser.parse_args()
    if args.processor_time and args.threads != 1:
        parser.error("--processor_time counts one thread")
    for model in args.models:
        with tempfile.TemporaryDirectory() as folder:
            interpreter = Interpreter(model_path=model, num_threads=args.threads)
            interpreter.allocate_tensors()
            files = inputs_of(interpreter, folder)
            pairs = [processor_times(interpreter, args.program, model, files, args.seconds) if args.processor_time else
                     (litert_ms(interpreter, args.seconds), our_ms(args.program, model, files, args.threads, args.seconds))
                     for _ in range(args.rounds)]
        litert, ours = (statistics.median(side) for side in zip(*pairs))
        rate = macs_of(args.program, model) / ours * 1e-6
        print(f"{os.path.basename(model)}: LiteRT {litert:.2f} ms, ours {ours:.2f} ms, ratio {litert / ours:.2f}, "
              f"{rate:.0f} GMAC/s, {args.threads} threads", flush=True)


if __name__ == "__main__":
    main()
