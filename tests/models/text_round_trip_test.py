"""A model as text and back: every byte of a buffer, every scale, every field, and what LiteRT computes."""
import lzma

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from round_trip_test import FILES, contents

# Compiled for one chip: LiteRT cannot run them without it.
COMPILED = ('edgetpu_compiled.tflite',)


def outputs(data):
    it = Interpreter(model_content=data, num_threads=2, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    it.allocate_tensors()
    r = np.random.default_rng(11)
    for d in it.get_input_details():
        values = r.integers(0, 2 if d['dtype'] in (np.int32, np.int64) else 100, d['shape']) if d['dtype'] != np.float32 else r.standard_normal(d['shape'])
        it.set_tensor(d['index'], values.astype(d['dtype']))
    it.invoke()
    values = [it.get_tensor(o['index']) for o in it.get_output_details()]
    # Which of boxes with equal scores are chosen changes from run to run: their scores and count stay.
    return values[2:] if b'TFLite_Detection_PostProcess' in data else values


@pytest.mark.skipif(not FILES, reason='no real models to test with')
@pytest.mark.parametrize('file', FILES, ids=lambda f: f'{f.parent.name}/{f.name}')
def test_text_comes_back_as_the_same_model(file, monolite, tmp_path):
    data = file.read_bytes() if file.suffix == '.tflite' else lzma.open(file).read()
    (tmp_path / 'in.tflite').write_bytes(data)
    dumped = monolite('dump', tmp_path / 'in.tflite', '-o', tmp_path / 'text.json')
    assert dumped.returncode == 0, dumped.stderr
    built = monolite('build', tmp_path / 'text.json', '-o', tmp_path / 'out.tflite')
    assert built.returncode == 0, built.stderr
    back = (tmp_path / 'out.tflite').read_bytes()
    before, after = contents(data), contents(back)
    assert before.keys() == after.keys()
    for key in before.keys() - {'graphs'}:
        assert before[key] == after[key], key
    assert len(before['graphs']) == len(after['graphs'])
    for b, a in zip(before['graphs'], after['graphs']):
        for part_before, part_after in zip(b, a):
            assert part_before == part_after
    if file.name.removesuffix('.xz') in COMPILED:
        return
    for b, a in zip(outputs(data), outputs(back)):
        assert b.tobytes() == a.tobytes()
