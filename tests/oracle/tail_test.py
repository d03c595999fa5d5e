"""examples/tail.c, built as its first lines say, gives the labels of RESIZE_BILINEAR and ARG_MAX under LiteRT's reference kernels."""
import shutil
import subprocess

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from conftest import ROOT
from single_op import const, options, q, tensor
from small_graph import SmallGraph

TYPES = {'u8': np.uint8, 'i8': np.int8, 'i16': np.int16, 'f32': np.float32}
GRIDS = {'plain': {}, 'align_corners': {'alignCorners': True}, 'half_pixel_centers': {'halfPixelCenters': True}}


@pytest.fixture(scope='module')
def tail(tmp_path_factory):
    """tail(scores, (height, width), grid): the labels that the program gives."""
    compiler = shutil.which('cc')
    assert compiler, 'no C compiler: ./setup installs one'
    folder = tmp_path_factory.mktemp('tail')
    program = folder / 'tail'
    subprocess.run([compiler, '-std=c99', '-O2', '-Wall', '-Wextra', '-pedantic', '-Werror', '-DTAIL_MAIN',
                    str(ROOT / 'examples/tail.c'), '-o', str(program)], check=True)

    def run(scores, size, grid):
        scores.tofile(folder / 'scores')
        kind = next(k for k, t in TYPES.items() if t == scores.dtype)
        done = subprocess.run([program, kind, *map(str, scores.shape), *map(str, size), grid, folder / 'scores', folder / 'labels'],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return np.fromfile(folder / 'labels', np.int32).reshape(size)
    return run


def enlarged(scores, size, grid):
    """The scores as LiteRT enlarges them."""
    g, dtype = SmallGraph(), scores.dtype.name
    scaling = None if dtype == 'float32' else q(0.1, 3 if dtype == 'uint8' else 0)
    x = g.input(tensor(dtype, (1, *scores.shape), scaling))
    g.output(g.node('RESIZE_BILINEAR', [x, const(np.int32(size))], tensor(dtype, (1, *size, scores.shape[2]), scaling),
                    options('ResizeBilinearOptions', **GRIDS[grid]), 4 if dtype == 'int16' else 3))
    it = Interpreter(model_content=g.model(), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    it.set_tensor(it.get_input_details()[0]['index'], scores[None])
    it.invoke()
    return it.get_tensor(it.get_output_details()[0]['index'])[0]


def stays_inside(length, size, grid):
    """LiteRT's whole-number positions, whose step is rounded, may end behind the scores; it reads there what it finds."""
    step = (1024 * length + size // 2) // size
    return grid == 'align_corners' or (size - 1) * step + step // 2 < 1024 * length


def drawn(r, kind, shape):
    """Scores with ties: few values; or of the whole range; or smooth, as nets give them."""
    dtype = TYPES[kind]
    style = r.randint(3)
    if style == 2:
        corners = r.normal(0, 30, (2, 2, shape[2]))
        y, x = np.linspace(0, 1, shape[0])[:, None, None], np.linspace(0, 1, shape[1])[None, :, None]
        smooth = (corners[0, 0] * (1 - y) + corners[1, 0] * y) * (1 - x) + (corners[0, 1] * (1 - y) + corners[1, 1] * y) * x
        return (smooth + (100 if kind == 'u8' else 0)).astype(dtype)
    if kind == 'f32':
        return (r.normal(0, 1, shape) if style else r.randint(-2, 3, shape)).astype(dtype)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max + 1
    return r.randint(low, high, shape).astype(dtype) if style else r.randint(0, 4, shape).astype(dtype)


@pytest.mark.parametrize('grid', GRIDS)
@pytest.mark.parametrize('kind', TYPES)
def test_labels_are_those_of_the_ops(tail, kind, grid):
    r = np.random.RandomState(len(kind) * 10 + len(grid))
    for _ in range(80):
        shape = (r.randint(1, 9), r.randint(1, 9), r.randint(1, 24))
        size = (int(r.randint(1, 70)), int(r.randint(1, 70)))
        if kind in ('i8', 'i16') and not all(stays_inside(n, m, grid) for n, m in zip(shape, size)):
            continue
        scores = drawn(r, kind, shape)
        assert np.array_equal(tail(scores, size, grid), enlarged(scores, size, grid).argmax(2)), (shape, size)


@pytest.mark.parametrize('file, at, grid', [
    ('deeplab_nnapi/deeplabv3_mnv2_pascal_513_os16_quant', 'ResizeBilinear_1', 'plain'),
    ('coral/deeplabv3_mnv2_pascal_quant', 'ResizeBilinear_2', 'align_corners'),
])
def test_a_real_model_cut_and_finished(monolite, shared, tail, tmp_path, file, at, grid):
    model = shared / f'models/{file}.tflite'
    made = monolite('edit', model, '-o', tmp_path / 'head.tflite', '--outputs', at)
    assert made.returncode == 0, made.stderr
    for part, folder in ((tmp_path / 'head.tflite', 'head'), (model, 'whole')):
        ran = monolite('run', part, shared / 'images/cat.jpg', '--resize=fit', '--dump-outputs', tmp_path / folder)
        assert ran.returncode == 0, ran.stderr
    labels = tail(np.load(tmp_path / 'head/0.npy')[0], (513, 513), grid)
    assert np.array_equal(labels, np.load(tmp_path / 'whole/0.npy')[0])
    assert set(np.unique(labels)) >= {0, 8}
