"""Reading and writing a file changes nothing that LiteRT computes or that a user stored, for every model at hand."""
import lzma
import subprocess

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from conftest import SHARED

FILES = sorted(SHARED.glob('models/*/*.tflite')) + sorted(SHARED.glob('fixtures/*/*.tflite')) + sorted(SHARED.glob('fixtures/*/*.tflite.xz'))


def plain(value):
    """A schema object as dictionaries, lists and numbers; absent and empty lists are the same."""
    if value is None or isinstance(value, (bool, int, float, bytes, str)):
        return value if value != '' else None
    if isinstance(value, np.ndarray):
        return value.tobytes() if value.size else None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list):
        return [plain(v) for v in value] or None
    fields = {k: plain(v) for k, v in vars(value).items()}
    # A table in which nothing is set (quantization, mostly) is as good as none.
    return fields if any(fields.values()) else None


def contents(data):
    """All that a user stored, with buffers and operator codes in the place of their numbers."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))

    def buffer(index):
        held = model.buffers[index]
        return plain(held.data) if held.offset <= 1 else data[held.offset:held.offset + held.size]

    def code(index):
        c = model.operatorCodes[index]
        return max(c.builtinCode, c.deprecatedBuiltinCode), c.customCode, c.version

    graphs = []
    for g in model.subgraphs:
        tensors = [{**plain(t), 'buffer': buffer(t.buffer)} for t in g.tensors]
        nodes = [{**plain(n), 'opcodeIndex': code(n.opcodeIndex)} for n in g.operators or []]
        graphs.append((tensors, nodes, plain(g.inputs), plain(g.outputs), g.name or None))
    metadata = [(m.name, buffer(m.buffer)) for m in model.metadata or []]
    return {'version': model.version, 'description': plain(model.description), 'graphs': graphs, 'metadata': metadata,
            'signatures': plain(model.signatureDefs)}


@pytest.mark.parametrize('file', FILES, ids=lambda f: f'{f.parent.name}/{f.name}')
def test_nothing_is_lost(file, binaries, tmp_path):
    data = file.read_bytes() if file.suffix == '.tflite' else lzma.open(file).read()
    (tmp_path / 'in.tflite').write_bytes(data)
    done = subprocess.run([binaries / 'model_rewriter', tmp_path / 'in.tflite', tmp_path / 'out.tflite'], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, after = contents(data), contents((tmp_path / 'out.tflite').read_bytes())
    for key in ('version', 'description', 'metadata', 'signatures'):
        assert before[key] == after[key], key
    assert len(before['graphs']) == len(after['graphs'])
    for b, a in zip(before['graphs'], after['graphs']):
        for part_before, part_after in zip(b, a):
            assert part_before == part_after
