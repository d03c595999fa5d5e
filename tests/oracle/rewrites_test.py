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
    return g, 'nnapi-29', 'argmax_int32'


def aligned_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (int(r.randint(1, 3)), int(r.randint(2, 9)), int(r.randint(2, 9)), 3)
    size, scaling = (int(r.randint(2, 30)), int(r.randint(2, 30))), scale(r, dtype)
    g.output(resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, alignCorners=True))
    return g, 'nnapi-29', 'resize_align_corners'


def half_pixel_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (1, int(r.randint(1, 9)), int(r.randint(1, 9)), 3)
    factor = int(r.randint(2, 5))
    size, scaling = (shape[1] * factor, shape[2] * factor), scale(r, dtype)
    g.output(resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, halfPixelCenters=True))
    return g, 'nnapi-29', 'resize_half_pixel'


def nearest_resize(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape = (1, int(r.randint(1, 9)), int(r.randint(1, 9)), 3)
    size, scaling = (int(r.randint(1, 20)), int(r.randint(1, 20))), scale(r, dtype)
    flag = {str(r.choice(['alignCorners', 'halfPixelCenters'])): True}
    y = resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, 'RESIZE_NEAREST_NEIGHBOR', **flag)
    g.output(y)
    return g, 'nnapi-29', 'resize_nearest_flags'


def large_pool(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    h, w, scaling = int(r.randint(17, 30)), int(r.randint(16, 30)), scale(r, dtype)
    made = options('Pool2DOptions', padding=1, strideW=1, strideH=1, filterWidth=w, filterHeight=h)
    x = g.input(tensor(dtype, (1, h, w, 64), scaling))
    g.output(g.node('AVERAGE_POOL_2D', [x], tensor(dtype, (1, 1, 1, 64), scaling), made, version(dtype)))
    return g, 'nnapi-29-cpu', 'average_pool_to_depthwise'


def change_of_scale(r):
    g = SmallGraph()
    x = g.input(tensor('int8', (1, 6, 7, 5), scale(r, 'int8')))
    g.output(g.node('QUANTIZE', [x], tensor('int8', (1, 6, 7, 5), scale(r, 'int8')), options('QuantizeOptions'), 2))
    return g, 'nnapi-29', 'quantize_to_depthwise'


def squeezed(r):
    g, scaling = SmallGraph(), scale(r, 'uint8')
    x = g.input(tensor('uint8', (1, 1, 1, 17), scaling))
    g.output(g.node('SQUEEZE', [x], tensor('uint8', (1, 17), scaling), options('SqueezeOptions', squeezeDims=[1, 2])))
    return g, str(r.choice(['xnnpack', 'openvino'])), 'squeeze_to_reshape'


def joined(r):
    g, scaling = SmallGraph(), scale(r, 'uint8')
    others = [q(scaling.scale[0] * float(r.uniform(0.1, 9)), zero_point(r, 'uint8')) for _ in range(2)]
    parts = [g.input(tensor('uint8', (1, 4, 4, 3), s)) for s in (others[0], scaling, others[1])]
    g.output(g.node('CONCATENATION', parts, tensor('uint8', (1, 4, 4, 9), scaling), options('ConcatenationOptions', axis=3)))
    return g, 'xnnpack', 'concatenation_scales'


def hard_swish(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    low = q(float(r.uniform(0.02, 0.08)), zero_point(r, dtype))
    high = q(float(r.uniform(0.02, 0.08)), zero_point(r, dtype))
    x = g.input(tensor(dtype, (1, 8, 8, 9), low))
    g.output(g.node('HARD_SWISH', [x], tensor(dtype, (1, 8, 8, 9), high), options('HardSwishOptions')))
    return g, 'xnnpack', 'hard_swish_decomposed'


def softmax(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    x = g.input(tensor(dtype, (2, 40), scale(r, dtype)))
    out = tensor(dtype, (2, 40), q(1 / 256, 0 if dtype == 'uint8' else -128))
    g.output(g.node('SOFTMAX', [x], out, options('SoftmaxOptions', beta=1.0), version(dtype)))
    return g, 'xnnpack', 'softmax_in_float'


WEIGHTS = {'uint8': (np.uint8, 0, 256), 'int8': (np.int8, -127, 128)}


def convolution(g, r, x, shape, filter_shape, out_shape, dtype, depthwise=False, bias=True, activation=0, strides=(1, 1),
                dilations=(1, 1), padding=1):
    """A convolution of random weights; its output's tensor and quantization are drawn too."""
    channels = filter_shape[3] if depthwise else filter_shape[0]
    if dtype == 'float32':
        weights, w_q, b, b_q, out_q = np.float32(r.randn(*filter_shape)), None, np.float32(r.randn(channels)), None, None
    else:
        made, low, high = WEIGHTS[dtype]
        weights = r.randint(low, high, filter_shape).astype(made)
        w_q = q(float(np.float32(r.uniform(0.002, 0.02))), int(r.randint(100, 156)) if dtype == 'uint8' else 0)
        b, b_q = r.randint(-500, 500, channels).astype(np.int32), q(float(np.float32(w_q.scale[0] * np.float32(SCALE))))
        out_q = q(float(np.float32(r.uniform(0.05, 0.5))), zero_point(r, dtype))
    table = 'DepthwiseConv2DOptions' if depthwise else 'Conv2DOptions'
    extra = {'depthMultiplier': filter_shape[3] // shape[3]} if depthwise else {}
    made = options(table, padding=padding, strideH=strides[0], strideW=strides[1], dilationHFactor=dilations[0],
                   dilationWFactor=dilations[1], fusedActivationFunction=activation, **extra)
    inputs = [x, const(weights, w_q)] + ([const(b, b_q)] if bias else [])
    op = 'DEPTHWISE_CONV_2D' if depthwise else 'CONV_2D'
    return g.node(op, inputs, tensor(dtype, out_shape, out_q), made, 3 if dtype == 'int8' else 1), out_q


SCALE = 0.05  # of the inputs of convolutions


def conv_input(r, dtype):
    return None if dtype == 'float32' else q(SCALE, zero_point(r, dtype))


def split_into_batches(r):
    """SPACE_TO_BATCH_ND, a convolution, BATCH_TO_SPACE_ND: what TensorFlow 1 made of a dilated convolution."""
    g, dtype, block, k = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32'])), int(r.randint(2, 5)), 3
    h, w, c, depthwise, same = int(r.randint(9, 20)), int(r.randint(9, 20)), 4, bool(r.randint(2)), bool(r.randint(2))
    reach = (k - 1) * block
    before = reach // 2 if same else 0
    pads = [[before, 0], [before, 0]]
    for axis, extent in enumerate((h, w)):
        wanted = before + extent + (reach - before if same else 0)
        pads[axis][1] = (reach - before if same else 0) + -wanted % block
    padded = [extent + sum(p) for extent, p in zip((h, w), pads)]
    out = [h, w] if same else [h - reach, w - reach]
    inner = [e // block - (k - 1) for e in padded]
    crops = [[0, i * block - o] for i, o in zip(inner, out)]
    scaling = conv_input(r, dtype)
    x = g.input(tensor(dtype, (1, h, w, c), scaling))
    batches = block * block
    version_ = version(dtype)
    s = g.node('SPACE_TO_BATCH_ND', [x, const(np.int32([block, block])), const(np.int32(pads))],
               tensor(dtype, (batches, padded[0] // block, padded[1] // block, c), scaling), options('SpaceToBatchNDOptions'), version_)
    filter_shape = (1, k, k, c) if depthwise else (5, k, k, c)
    channels = c if depthwise else 5
    y, out_q = convolution(g, r, s, (batches, *padded, c), filter_shape, (batches, *inner, channels), dtype, depthwise)
    g.output(g.node('BATCH_TO_SPACE_ND', [y, const(np.int32([block, block])), const(np.int32(crops))],
                    tensor(dtype, (1, *out, channels), out_q), options('BatchToSpaceNDOptions'), version_))
    return g, 'gpu', 'space_to_batch_to_dilation'


def padded_convolution(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'float32']))
    h, w, c, k, stride = int(r.randint(5, 12)), int(r.randint(5, 12)), 3, int(r.choice([3, 5])), int(r.randint(1, 3))
    pads = [[0, 0]]
    for extent in (h, w):
        total = max(0, (-(-extent // stride) - 1) * stride + k - extent)
        pads.append([total // 2, total - total // 2])
    pads.append([0, 0])
    shape = (1, h + sum(pads[1]), w + sum(pads[2]), c)
    scaling = conv_input(r, dtype)
    x = g.input(tensor(dtype, (1, h, w, c), scaling))
    p = g.node('PAD', [x, const(np.int32(pads))], tensor(dtype, shape, scaling), options('PadOptions'), version(dtype))
    out = (1, -(-h // stride), -(-w // stride), 4)
    y, _ = convolution(g, r, p, shape, (4, k, k, c), out, dtype, strides=(stride, stride))
    g.output(y)
    return g, 'nnapi-27', 'pad_into_convolution'


def no_bias(r):
    """LiteRT's CONV_2D asks for a bias, its DEPTHWISE_CONV_2D does not."""
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    x = g.input(tensor(dtype, (1, 7, 8, 4), conv_input(r, dtype)))
    g.output(convolution(g, r, x, (1, 7, 8, 4), (1, 3, 3, 4), (1, 5, 6, 4), dtype, depthwise=True, bias=False)[0])
    return g, 'xnnpack', 'missing_bias'


def factors_behind(r):
    """Batch normalization that stayed as MUL and ADD."""
    g, depthwise = SmallGraph(), bool(r.randint(2))
    x = g.input(tensor('float32', (1, 7, 8, 4)))
    channels = 4 if depthwise else 6
    shape = (1, 5, 6, channels)
    y, _ = convolution(g, r, x, (1, 7, 8, 4), (1, 3, 3, 4) if depthwise else (6, 3, 3, 4), shape, 'float32', depthwise,
                       bias=not depthwise)
    y = g.node('MUL', [y, const(np.float32(r.randn(channels)))], tensor('float32', shape), options('MulOptions'))
    op = str(r.choice(['ADD', 'SUB']))
    table = 'AddOptions' if op == 'ADD' else 'SubOptions'
    y = g.node(op, [y, const(np.float32(r.randn(channels)))], tensor('float32', shape), options(table, fusedActivationFunction=1))
    g.output(y)
    return g, 'ethos-u55', 'fold_batch_norm'


def many_joined(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'float32']))
    scaling, count = scale(r, dtype), int(r.randint(6, 12))
    widths = [int(r.randint(1, 4)) for _ in range(count)]
    parts = [g.input(tensor(dtype, (1, 3, 4, n), scaling)) for n in widths]
    g.output(g.node('CONCATENATION', parts, tensor(dtype, (1, 3, 4, sum(widths)), scaling), options('ConcatenationOptions', axis=3)))
    return g, 'xnnpack', 'concatenation_in_parts'


def edges(r):
    """uint8 outside, int8 inside."""
    g, zero = SmallGraph(), int(r.randint(0, 256))
    outer, inner = q(SCALE, zero), q(SCALE, zero - 128)
    x = g.input(tensor('uint8', (1, 7, 8, 4), outer))
    y = g.node('QUANTIZE', [x], tensor('int8', (1, 7, 8, 4), inner), options('QuantizeOptions'))
    g.output(g.node('MAX_POOL_2D', [y], tensor('int8', (1, 3, 4, 4), inner),
                    options('Pool2DOptions', padding=1, strideW=2, strideH=2, filterWidth=2, filterHeight=2), 2))
    return g, 'nnapi-29', 'quantize_at_edge'


def sixteen_times(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    shape, scaling = (1, int(r.randint(2, 5)), int(r.randint(2, 5)), 3), scale(r, dtype)
    size = tuple((n - 1) * 16 + 1 for n in shape[1:3])
    g.output(resize(g, g.input(tensor(dtype, shape, scaling)), shape, size, dtype, scaling, alignCorners=True))
    return g, 'ethos-u55', 'resize_in_steps'


def same_size(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    shape, scaling = (1, int(r.randint(2, 9)), int(r.randint(2, 9)), 3), scale(r, dtype)
    y = resize(g, g.input(tensor(dtype, shape, scaling)), shape, shape[1:3], dtype, scaling, alignCorners=True)
    g.output(g.node('RELU', [y], tensor(dtype, shape, scaling), None, version(dtype)))
    return g, 'nnapi-29', 'resize_identity'


def unused(r):
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 4, 4, 3)))
    g.node('SIN', [x], tensor('float32', (1, 4, 4, 3)))
    g.output(g.node('RELU', [x], tensor('float32', (1, 4, 4, 3))))
    return g, 'nnapi-27', 'dead_node'


def constants(r):
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 4, 4, 3)))
    c = g.node('SIN', [const(np.float32(r.randn(3)))], tensor('float32', (3,)))
    g.output(g.node('ADD', [x, c], tensor('float32', (1, 4, 4, 3)), options('AddOptions')))
    return g, 'nnapi-27', 'fold_constant'


def newer_version(r):
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 4, 4, 3)))
    g.output(g.node('AVERAGE_POOL_2D', [x], tensor('float32', (1, 2, 2, 3)),
                    options('Pool2DOptions', padding=1, strideW=2, strideH=2, filterWidth=2, filterHeight=2), 3))
    return g, 'nnapi-29', 'lower_version'


def open_shapes(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    x = g.input(tensor(dtype, (1, 7, 8, 4), conv_input(r, dtype)))
    y, out_q = convolution(g, r, x, (1, 7, 8, 4), (6, 3, 3, 4), (), dtype)
    g.output(g.node('RELU6', [y], tensor(dtype, (1, 5, 6, 6), out_q), None, version(dtype)))
    return g, 'xnnpack', 'missing_shapes'


def whole_model_in_uint8(r):
    g = SmallGraph()
    x = g.input(tensor('uint8', (1, 7, 8, 4), conv_input(r, 'uint8')))
    y, out_q = convolution(g, r, x, (1, 7, 8, 4), (6, 3, 3, 4), (1, 5, 6, 6), 'uint8')
    g.output(g.node('RELU', [y], tensor('uint8', (1, 5, 6, 6), out_q)))
    return g, 'hexagon', 'uint8_to_int8'


def clamped(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8', 'float32']))
    low = -9 if dtype == 'float32' else None
    scaling = None if dtype == 'float32' else q(float(np.float32(r.uniform(0.01, 0.3))), zero_point(r, dtype))
    x = g.input(tensor(dtype, (1, 6, 6, 8), scaling, (low, 9) if low else None))
    g.output(g.node('RELU6', [x], tensor(dtype, (1, 6, 6, 8), scaling), None, version(dtype)))
    return g, 'openvino', 'relu_as_clamp'


def large_window(r):
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']))
    h, w, scaling = int(r.randint(17, 30)), int(r.randint(16, 30)), scale(r, dtype)
    made = options('Pool2DOptions', padding=1, strideW=1, strideH=1, filterWidth=w - 3, filterHeight=h - 1)
    x = g.input(tensor(dtype, (1, h, w, 8), scaling))
    g.output(g.node('AVERAGE_POOL_2D', [x], tensor(dtype, (1, 2, 4, 8), scaling), made, version(dtype)))
    return g, 'nnapi-29-cpu', 'average_pool'


def huge_window(r, cut, target, rewrite):
    """So large that no weights of a depthwise convolution are exact, or that they are too many."""
    g, dtype = SmallGraph(), str(r.choice(['uint8', 'int8']) if target.startswith('nnapi') else 'int8')
    h, w, scaling = int(r.randint(270, 300)), int(r.randint(270, 300)), scale(r, dtype)
    made = options('Pool2DOptions', padding=1, strideW=1, strideH=1, filterWidth=w - cut, filterHeight=h - cut)
    x = g.input(tensor(dtype, (1, h, w, 2), scaling))
    out = tensor(dtype, (1, 1 + cut, 1 + cut, 2), scaling)
    g.output(g.node('AVERAGE_POOL_2D', [x], out, made, version(dtype)))
    return g, target, rewrite


def huge_pool(r):
    return huge_window(r, 0, 'nnapi-29-cpu', 'average_pool_to_mean')


def huge_moving_window(r):
    return huge_window(r, 2, 'ethos-u55', 'average_pool_in_two')


def aligned_resize_without_slice(r):
    """NNAPI has SLICE from level 29 on; before, the cut is a STRIDED_SLICE."""
    g, n, factor = SmallGraph(), int(r.randint(2, 9)), int(r.randint(2, 6))
    shape, size = (1, n, n, 3), ((n - 1) * factor + 1, (n - 1) * factor + 1)
    g.output(resize(g, g.input(tensor('float32', shape)), shape, size, 'float32', None, alignCorners=True))
    return g, 'nnapi-28', 'resize_align_corners'


def head_of_any_batch(r):
    """A flattened map as Keras writes it where the batch is open: the new shape is made of the map's own."""
    g, dtype = SmallGraph(), str(r.choice(['int8', 'float32']))
    h, w, c = (int(n) for n in r.randint(1, 5, 3))
    scaling, batch = scale(r, dtype), int(r.choice([1, 2]))
    x = g.input(tensor(dtype, (batch, h, w, c), scaling))
    size = g.node('SHAPE', [x], tensor('int32', (4,)), options('ShapeOptions', outType=2))
    first = g.node('STRIDED_SLICE', [size, const(np.int32([0])), const(np.int32([1])), const(np.int32([1]))], tensor('int32', ()),
                   options('StridedSliceOptions', shrinkAxisMask=1))
    wanted = g.node('PACK', [first, const(np.int32(h * w * c))], tensor('int32', (2,)), options('PackOptions', valuesCount=2))
    y = g.node('RESHAPE', [x, wanted], tensor(dtype, (batch, h * w * c), scaling), options('ReshapeOptions'))
    g.output(g.node('LOGISTIC', [y], tensor(dtype, (batch, h * w * c), q(1 / 256, -128) if dtype == 'int8' else None)))
    return g, str(r.choice(['nnapi-29', 'vx', 'xnnpack', 'gpu'])), 'constant_operand'


PATTERNS = [segmentation_tail, aligned_resize, aligned_resize_without_slice, half_pixel_resize, nearest_resize, sixteen_times, same_size, large_pool, large_window,
            huge_pool, huge_moving_window,
            split_into_batches, padded_convolution, no_bias, factors_behind, change_of_scale, edges, whole_model_in_uint8, squeezed,
            joined, many_joined, clamped, hard_swish, softmax, unused, constants, newer_version, open_shapes, head_of_any_batch]


def run(file, inputs):
    it = Interpreter(model_path=str(file), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    it.allocate_tensors()
    for detail, x in zip(it.get_input_details(), inputs):
        it.set_tensor(detail['index'], x)
    it.invoke()
    return [it.get_tensor(d['index']) for d in it.get_output_details()]


def far(a, b, proof):
    """How many elements part further than the proof allows. uint8 that became int8 is compared by what it means."""
    if a.dtype == np.float32:
        return np.count_nonzero(~np.isclose(a, b, rtol=1e-4 if proof == 'approximate' else 1e-5, atol=1e-5))
    shift = 128 if (a.dtype, b.dtype) == (np.uint8, np.int8) else 0
    apart = np.abs(a.astype(np.int64) - b.astype(np.int64) - shift)
    return np.count_nonzero(apart > STEP.get(proof, 4))


@pytest.mark.parametrize('pattern', PATTERNS, ids=lambda p: p.__name__)
def test_keeps_its_proof(pattern, monolite, tmp_path):
    fired = 0
    for seed in range(ROUNDS):
        r = np.random.RandomState(seed)
        graph, target, rewrite = pattern(r)
        before, after = tmp_path / f'{seed}.tflite', tmp_path / f'{seed}_after.tflite'
        before.write_bytes(graph.model())
        done = monolite('legalize', before, '-o', after, '--target', target, '--json', '--best_effort', '--tolerance', 'approximate')
        said = f'{before} {target}: {done.stdout[-1500:]} {done.stderr}'
        assert done.returncode in (0, 1), said
        report = json.loads(done.stdout)
        names = [step['name'] for step in report['rewrites']]
        fired += any(name.startswith(rewrite) for name in names)
        if not names:
            continue
        inputs = graph.draw(r)
        shifted = [x if x.dtype == want else (x.astype(np.int16) - 128).astype(want) for x, want in zip(inputs, input_types(after))]
        for a, b in zip(run(before, inputs), run(after, shifted)):
            assert a.shape == b.shape, said
            is_label = pattern is segmentation_tail and report['proof'] != 'exact'
            assert is_label or far(a, b, report['proof']) == 0, said
        assert report['verified']['identical'] or report['proof'] != 'exact', said
    assert fired > 0, f'{rewrite} never fired'


def input_types(file):
    return [d['dtype'] for d in Interpreter(model_path=str(file)).get_input_details()]


def split_off_the_grid(r):
    """As split_into_batches, but its padding is neither SAME nor VALID."""
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 8, 8, 4)))
    s = g.node('SPACE_TO_BATCH_ND', [x, const(np.int32([2, 2])), const(np.int32([[1, 1], [1, 1]]))],
               tensor('float32', (4, 5, 5, 4)), options('SpaceToBatchNDOptions'))
    y, _ = convolution(g, r, s, (4, 5, 5, 4), (1, 3, 3, 4), (4, 3, 3, 4), 'float32', depthwise=True)
    g.output(g.node('BATCH_TO_SPACE_ND', [y, const(np.int32([2, 2])), const(np.int32([[0, 0], [0, 0]]))],
                    tensor('float32', (1, 6, 6, 4)), options('BatchToSpaceNDOptions')))
    return g, 'gpu', 'space_to_batch_to_dilation'


def padded_on_the_wrong_side(r):
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 8, 8, 3)))
    p = g.node('PAD', [x, const(np.int32([[0, 0], [1, 0], [1, 0], [0, 0]]))], tensor('float32', (1, 9, 9, 3)), options('PadOptions'))
    g.output(convolution(g, r, p, (1, 9, 9, 3), (4, 3, 3, 3), (1, 4, 4, 4), 'float32', strides=(2, 2))[0])
    return g, 'nnapi-27', 'pad_into_convolution'


def seen_twice(r):
    """The convolution before the factor has another reader."""
    g = SmallGraph()
    x = g.input(tensor('float32', (1, 7, 8, 4)))
    y, _ = convolution(g, r, x, (1, 7, 8, 4), (6, 3, 3, 4), (1, 5, 6, 6), 'float32')
    g.output(y)
    g.output(g.node('MUL', [y, const(np.float32(r.randn(6)))], tensor('float32', (1, 5, 6, 6)), options('MulOptions')))
    return g, 'ethos-u55', 'fold_batch_norm'


def pool_that_reaches_outside(r):
    """At its border the window counts fewer elements than in the middle."""
    g, scaling = SmallGraph(), q(0.02, 3)
    made = options('Pool2DOptions', padding=0, strideW=1, strideH=1, filterWidth=20, filterHeight=20)
    x = g.input(tensor('uint8', (1, 24, 24, 4), scaling))
    g.output(g.node('AVERAGE_POOL_2D', [x], tensor('uint8', (1, 24, 24, 4), scaling), made))
    return g, 'nnapi-29-cpu', 'average_pool_to_depthwise'


def labels_over_rows(r):
    """ARG_MAX over another axis: the cut must stand before it, not behind."""
    g = SmallGraph()
    y = resize(g, g.input(tensor('float32', (1, 5, 6, 3))), (1, 5, 6, 3), (14, 17), 'float32', None, alignCorners=True)
    out = tensor('int32', (1, 17, 3))
    g.output(g.node('ARG_MAX', [y, const(np.array(1, np.int32))], out, options('ArgMaxOptions', outputType=2)))
    return g, 'nnapi-29', 'argmax_int32'


@pytest.mark.parametrize('pattern', [split_off_the_grid, padded_on_the_wrong_side, seen_twice, pool_that_reaches_outside,
                                     labels_over_rows], ids=lambda p: p.__name__)
def test_leaves_a_near_miss_alone(pattern, monolite, tmp_path):
    r = np.random.RandomState(0)
    graph, target, rewrite = pattern(r)
    before, after = tmp_path / 'a.tflite', tmp_path / 'b.tflite'
    before.write_bytes(graph.model())
    done = monolite('legalize', before, '-o', after, '--target', target, '--json', '--best_effort', '--tolerance', 'approximate')
    assert rewrite not in [step['name'] for step in json.loads(done.stdout)['rewrites']], done.stdout
    if after.exists():
        inputs = graph.draw(r)
        for a, b in zip(run(before, inputs), run(after, inputs)):
            assert far(a, b, 'approximate') == 0


def test_macs_that_grow_are_a_warning(monolite, tmp_path):
    """A small convolution behind a large pool: the pool's weights are most of what the result multiplies."""
    r, g, scaling = np.random.RandomState(0), SmallGraph(), q(0.02, 3)
    x = g.input(tensor('uint8', (1, 20, 20, 64), scaling))
    made = options('Pool2DOptions', padding=1, strideW=1, strideH=1, filterWidth=20, filterHeight=20)
    y = g.node('AVERAGE_POOL_2D', [x], tensor('uint8', (1, 1, 1, 64), scaling), made)
    g.output(convolution(g, r, y, (1, 1, 1, 64), (4, 1, 1, 64), (1, 1, 1, 4), 'uint8')[0])
    before = tmp_path / 'a.tflite'
    before.write_bytes(g.model())
    done = monolite('legalize', before, '-o', tmp_path / 'b.tflite', '--target', 'nnapi')
    assert done.returncode == 0, done.stdout + done.stderr
    # 20x20x64 MACs beside the convolution's 64x4
    assert 'warning: 101.00 times the MACs of the whole model' in done.stdout, done.stdout
