"""The reference and the fast backend beside LiteRT's reference kernels, on every model at hand, with a picture and with
random inputs: integers bit for bit, floats within 1e-4 of the largest."""
import lzma
import pathlib
import subprocess
import tempfile

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from conftest import SHARED

# Their constants or ops are another program's: nothing outside of an Edge TPU can run it.
NOT_RUNNABLE = {'edgetpu_compiled.tflite'}
# 55 G MACs: the reference backend takes minutes.
ONLY_FAST = {'edsr_f32b5_fp32.tflite', 'edsr_f32b5_full_qint8.tflite', 'edsr_f32b5_QAT.tflite'}


def all_models():
    found = sorted(SHARED.glob('models/*/*.tflite')) + sorted(SHARED.glob('fixtures/*/*.tflite')) + \
        sorted(SHARED.glob('fixtures/*/*.tflite.xz'))
    return [f for f in found if f.name not in NOT_RUNNABLE]


def unpacked(file, folder):
    if file.suffix != '.xz':
        return file
    plain = folder / (file.parent.name + '_' + file.stem)
    plain.write_bytes(lzma.open(file).read())
    return plain


def litert(model):
    """LiteRT's reference kernels. They do not know every version of an op; its optimized ones do, with other bits."""
    try:
        interpreter = Interpreter(model_path=str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as e:
        pytest.skip(f'LiteRT refuses the model: {e}')
    return interpreter


def make_input(detail, kind, r):
    shape, dtype = detail['shape'], np.dtype(detail['dtype'])
    if kind == 'picture' and len(shape) == 4 and shape[3] == 3:
        picture = Image.open(SHARED / 'images/dog_segmentation.bmp').convert('RGB').resize((shape[2], shape[1]))
        x = np.repeat(np.asarray(picture)[None], shape[0], 0)
        if dtype == np.uint8:
            return x
        return (x.astype(int) - 128).astype(np.int8) if dtype == np.int8 else (x / 127.5 - 1).astype(dtype)
    if dtype.kind in 'iu':
        info = np.iinfo(dtype)
        return r.randint(*((info.min, info.max + 1) if info.bits == 8 else (0, 3)), size=shape).astype(dtype)
    return r.uniform(-1, 1, size=shape).astype(dtype)


@pytest.mark.parametrize('kind', ['picture', 'random'])
@pytest.mark.parametrize('file', all_models(), ids=lambda f: f'{f.parent.name}/{f.name}')
def test_equals_litert(file, kind, binaries, tmp_path):
    if kind == 'random' and file.name in ONLY_FAST:
        pytest.skip('55 G MACs: once is enough')
    model = unpacked(file, tmp_path)
    interpreter = litert(model)
    computes_floats = any(t['dtype'] == np.float32 and len(t['shape']) == 4 for t in interpreter.get_tensor_details())
    r = np.random.RandomState(1)
    xs = [make_input(d, kind, r) for d in interpreter.get_input_details()]
    for detail, x in zip(interpreter.get_input_details(), xs):
        interpreter.set_tensor(detail['index'], x)
    try:
        interpreter.invoke()
    except RuntimeError as e:
        pytest.skip(f'LiteRT refuses these values: {e}')
    want = [interpreter.get_tensor(d['index']) for d in interpreter.get_output_details()]
    flags = []
    for k, x in enumerate(xs):
        np.save(tmp_path / f'{k}.npy', x)
        flags += ['--input', tmp_path / f'{k}.npy']
    for backend in ['fast'] if file.name in ONLY_FAST else ['reference', 'fast']:
        done = subprocess.run([binaries / 'monolite', 'run', model, '--backend', backend, '--dump-outputs', tmp_path / backend, *flags],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        for k, w in enumerate(want):
            g = np.load(tmp_path / backend / f'{k}.npy')
            assert (g.shape, g.dtype) == (w.shape, w.dtype)
            if w.dtype.kind in 'iu':
                # Labels that a float model computes may flip where the two best scores are as good as equal.
                most = max(2, w.size // 10_000) if computes_floats else 0
                assert (g != w).sum() <= most, f'{backend}: output {k}: {(g != w).sum()} of {w.size} differ'
            elif w.size:
                assert np.abs(g - w).max() <= 1e-4 * max(np.abs(w).max(), 1e-6), f'{backend}: output {k}'
