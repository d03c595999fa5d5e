"""Random small graphs around each pattern that `legalize` rewrites: LiteRT's reference kernels run both files, and the outputs
differ by no more than the proof that the verb states."""
import json

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from single_op import const, options, q, tensor
from small_graph import SmallGraph

ROUNDS = 8
STEP = {'exact': 0, '<= 1 LSB': 1}


def scale(r, dtype):
    return None if dtype == 'float32' else q(float(np.float32(r.uniform(0.002, 0.6))), zero_point(r, dtype))


def zero_point(r, dtype):
    return int(r.randint(0, 256)) if dtype == 'uint8' else int(r.randint(-128, 128))


def version(dtype):
    return 2 if dtype == 'int8' else 1


def resize(g, x, shape, size, dtype, scaling, op='RESIZE_BILINEAR', **flags):
    out = (shape[0], *size, shape[3])
    table = 'ResizeBilinearOptions' if op == 'RESIZE_BILINEAR' else 'ResizeNearestNeighborOptions'
    return g.node(op, [x, const(np.int32(size))], tensor(dtype, out, scaling), options(table, **flags), 3)


def segmentation_tail(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (1, int(r.randint(2, 12)), int(r.randint(2, 12)), int(r.randint(2, 6)))
    size, scaling = (int(r.randint(2, 60)), int(r.randint(2, 60))), scale(r, dtype)
    y = resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, alignCorners=True)
    out = tensor('int64', (1, *size))
    g.output(g.node('ARG_MAX', [y, const(np.array(3, np.int32))], out, options('ArgMaxOptions', outputType=4), version(dtype)))
    return g, 'nnapi-29'


def aligned_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (int(r.randint(1, 3)), int(r.randint(2, 9)), int(r.randint(2, 9)), 3)
    size, scaling = (int(r.randint(2, 30)), int(r.randint(2, 30))), scale(r, dtype)
    g.output(resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, alignCorners=True))
    return g, 'nnapi-29'


def half_pixel_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (1, int(r.randint(1, 9)), int(r.randint(1, 9)), 3)
    factor = int(r.randint(2, 5))
    size, scaling = (shape[1] * factor, shape[2] * factor), scale(r, dtype)
    g.output(resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, halfPixelCenters=True))
    return g, 'nnapi-29'


def nearest_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (1, int(r.randint(1, 9)), int(r.randint(1, 9)), 3)
    size, scaling = (int(r.randint(1, 20)), int(r.randint(1, 20))), scale(r, dtype)
    flag = {str(r.choice(['alignCorners', 'halfPixelCenters'])): True}
    y = resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, 'RESIZE_NEAREST_NEIGHBOR', **flag)
    g.output(y)
    return g, 'nnapi-29'


def large_pool(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    h, w, scaling = int(r.randint(17, 30)), int(r.randint(16, 30)), scale(r, dtype)
    made = options('Pool2DOptions', padding=1, strideW=1, strideH=1, filterWidth=w, filterHeight=h)
    x = g.input(tensor(dtype, (1, h, w, 64), scaling))
    g.output(g.node('AVERAGE_POOL_2D', [x], tensor(dtype, (1, 1, 1, 64), scaling), made, version(dtype)))
    return g, 'nnapi-29-cpu'


def change_of_scale(r):
    g = SmallGraph()
    x = g.input(tensor('int8', (1, 6, 7, 5), scale(r, 'int8')))
    g.output(g.node('QUANTIZE', [x], tensor('int8', (1, 6, 7, 5), scale(r, 'int8')), options('QuantizeOptions'), 2))
    return g, 'nnapi-29'


def squeezed(r):
    g, scaling = SmallGraph(), scale(r, 'uint8')
    x = g.input(tensor('uint8', (1, 1, 1, 17), scaling))
    g.output(g.node('SQUEEZE', [x], tensor('uint8', (1, 17), scaling), options('SqueezeOptions', squeezeDims=[1, 2])))
    return g, str(r.choice(['xnnpack', 'openvino']))


def joined(r):
    g, scaling = SmallGraph(), scale(r, 'uint8')
    others = [q(scaling.scale[0] * float(r.uniform(0.1, 9)), zero_point(r, 'uint8')) for _ in range(2)]
    parts = [g.input(tensor('uint8', (1, 4, 4, 3), s)) for s in (others[0], scaling, others[1])]
    g.output(g.node('CONCATENATION', parts, tensor('uint8', (1, 4, 4, 9), scaling), options('ConcatenationOptions', axis=3)))
    return g, 'xnnpack'


def hard_swish(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    low = q(float(r.uniform(0.02, 0.08)), zero_point(r, dtype))
    high = q(float(r.uniform(0.02, 0.08)), zero_point(r, dtype))
    x = g.input(tensor(dtype, (1, 8, 8, 9), low))
    g.output(g.node('HARD_SWISH', [x], tensor(dtype, (1, 8, 8, 9), high), options('HardSwishOptions')))
    return g, 'xnnpack'


def softmax(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    x = g.input(tensor(dtype, (2, 40), scale(r, dtype)))
    out = tensor(dtype, (2, 40), q(1 / 256, 0 if dtype == 'uint8' else -128))
    g.output(g.node('SOFTMAX', [x], out, options('SoftmaxOptions', beta=1.0), version(dtype)))
    return g, 'xnnpack'


PATTERNS = [segmentation_tail, aligned_resize, half_pixel_resize, nearest_resize, large_pool, change_of_scale, squeezed, joined,
            hard_swish, softmax]


def run(file, inputs):
    it = Interpreter(model_path=str(file), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    for detail, x in zip(it.get_input_details(), inputs):
        it.set_tensor(detail['index'], x)
    it.invoke()
    return [it.get_tensor(d['index']) for d in it.get_output_details()]


@pytest.mark.parametrize('pattern', PATTERNS, ids=lambda p: p.__name__)
def test_keeps_its_proof(pattern, monolite, tmp_path):
    for seed in range(ROUNDS):
        r = np.random.RandomState(seed)
        graph, target = pattern(r)
        before, after = tmp_path / f'{seed}.tflite', tmp_path / f'{seed}_after.tflite'
        before.write_bytes(graph.model())
        done = monolite('legalize', before, '-o', after, '--target', target, '--json')
        said = f'{before} {target}: {done.stdout[-1500:]} {done.stderr}'
        assert done.returncode == 0, said
        report = json.loads(done.stdout)
        inputs = graph.draw(r)
        for a, b in zip(run(before, inputs), run(after, inputs)):
            assert a.shape == b.shape, said
            if a.dtype == np.float32:
                assert np.allclose(a, b, rtol=1e-5, atol=1e-6), said
            else:
                largest = np.abs(a.astype(np.int64) - b.astype(np.int64)).max(initial=0)
                labels = pattern is segmentation_tail
                assert largest <= STEP[report['proof']] or (labels and report['proof'] != 'exact'), said
        assert report['verified']['identical'] or report['proof'] != 'exact', said
