"""Asks LiteRT's OpenVINO plugin which kinds of operator it takes: a model with one node of each kind, and the plugin's log.

The list in src/delegates/openvino.cpp was made with it. The plugin judges the kind alone, so the nodes need not make sense.
Usage: LD_LIBRARY_PATH=<site-packages>/openvino/libs python ask_openvino.py
Needs from PyPI: ai-edge-litert==2.3.0, openvino==2026.3.1, flatbuffers, numpy.
"""
import os
import re
import subprocess
import sys
import tempfile

import ai_edge_litert
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as S

OPS = {v: k for k, v in vars(S.BuiltinOperator).items() if isinstance(v, int)}
NOT_ASKED = {"CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES"}


def tensor(name, shape, buffer=0):
    t = S.TensorT()
    t.name, t.shape, t.type, t.buffer = name, shape, S.TensorType.FLOAT32, buffer
    return t


def model_of(codes):
    m = S.ModelT()
    m.version = 3
    constant = S.BufferT()
    constant.data = np.ones(64, np.float32).tobytes()
    m.buffers = [S.BufferT(), constant]
    g = S.SubGraphT()
    g.tensors = [tensor("x", [1, 4, 4, 4]), tensor("c", [1, 4, 4, 4], 1)]
    g.inputs, g.outputs, g.operators, m.operatorCodes = [0], [], [], []
    for i, code in enumerate(codes):
        c = S.OperatorCodeT()
        c.builtinCode, c.deprecatedBuiltinCode, c.version = code, min(code, 127), 1
        m.operatorCodes.append(c)
        op = S.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = i, [0, 1], [2 + i]
        g.tensors.append(tensor(f"y{i}", [1, 4, 4, 4]))
        g.operators.append(op)
        g.outputs.append(2 + i)
    m.subgraphs = [g]
    b = flatbuffers.Builder(1 << 16)
    b.Finish(m.Pack(b), b"TFL3")
    return bytes(b.Output())


def load(path):
    """Hands a model to the plugin; what it says goes to stderr."""
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.environment import Environment
    from ai_edge_litert.hardware_accelerator import HardwareAccelerator as H
    from ai_edge_litert.options import IntelOpenVinoGraphBackend, IntelOpenVinoOptions, Options

    vendor = os.path.join(os.path.dirname(ai_edge_litert.__file__), "vendors", "intel_openvino")
    env = Environment.create(compiler_plugin_path=vendor + "/compiler", dispatch_library_path=vendor + "/dispatch")
    options = Options(hardware_accelerators=H.NPU | H.CPU,
                      intel_openvino_options=IntelOpenVinoOptions(graph_backend=IntelOpenVinoGraphBackend.CPU))
    CompiledModel.from_file(path, environment=env, options=options)


def main():
    if len(sys.argv) > 1:
        load(sys.argv[1])
        return
    codes = sorted(c for c, name in OPS.items() if name not in NOT_ASKED and c >= 0)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "all.tflite")
        with open(path, "wb") as f:
            f.write(model_of(codes))
        log = subprocess.run([sys.executable, __file__, path], capture_output=True, text=True, errors="replace").stderr
    refused = {int(n) for n in re.findall(r"op type (\d+) is not supported", log)}
    if not refused:
        sys.exit("the plugin said nothing:\n" + log[-3000:])
    print(re.findall(r"selected \d+ ops.*", log))
    print("taken:", " ".join(sorted(OPS[c] for c in codes if c not in refused)))
    print("refused:", " ".join(sorted(OPS[c] for c in refused)))


if __name__ == "__main__":
    main()
