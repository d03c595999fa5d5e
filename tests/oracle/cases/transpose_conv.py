"""TRANSPOSE_CONV: types, hybrid, per-channel scales, strides, paddings, output sizes, activations."""
from single_op import const, op, options, q, tensor
import numpy as np

GEOMETRY = [  # output (h, w), channels, filters, window, stride
    ((4, 4), 3, 2, (3, 3), (1, 1)), ((8, 8), 2, 4, (3, 3), (2, 2)), ((7, 9), 4, 1, (2, 2), (2, 2)),
    ((9, 8), 1, 5, (4, 4), (2, 3)), ((6, 6), 8, 8, (1, 1), (1, 1)), ((5, 11), 3, 3, (5, 3), (3, 1)),
    ((10, 10), 2, 17, (2, 2), (3, 3)),
]


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'hybrid'):
        for geometry in GEOMETRY:
            for padding in (0, 1):
                for activation in (0, 1, 2, 3):
                    yield one(r, dtype, *geometry, padding, activation)


def one(r, dtype, size, channels, filters, window, stride, padding, activation):
    batch = int(r.choice([1, 2]))
    if padding == 0:
        small = [-(-s // t) for s, t in zip(size, stride)]
    else:
        small = [(s - w) // t + 1 for s, w, t in zip(size, window, stride)]
    made = options('TransposeConvOptions', padding=padding, strideH=stride[0], strideW=stride[1], fusedActivationFunction=activation)
    out, shape = (batch, *size, filters), (filters, *window, channels)
    size_input = const(np.int32(out))
    has_bias = r.rand() < 0.7
    if dtype in ('float32', 'hybrid'):
        if dtype == 'float32':
            weights = const(r.standard_normal(shape).astype(np.float32))
        else:
            weights = const(r.randint(-127, 128, shape).astype(np.int8), q(list(r.uniform(1e-3, 0.03, filters)), 0))
        inputs = [size_input, weights, tensor('float32', (batch, *small, channels)), const(r.standard_normal(filters).astype(np.float32))]
        return op('TRANSPOSE_CONV', inputs[:4 if has_bias else 3], [tensor('float32', out)], made, version=4)
    in_scale, out_scale = float(r.choice([0.02, 0.5, 1 / 128])), float(r.choice([0.05, 0.7, 3.0, 1e-4]))
    zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'int16': 0}[dtype]
    if dtype == 'uint8':
        scales = [0.01]
        weights = const(r.randint(0, 256, shape).astype(np.uint8), q(scales, int(r.randint(0, 256))))
    else:
        scales = list(r.uniform(1e-4, 0.03, filters)) if r.rand() < 0.7 else [0.004]
        weights = const(r.randint(-127, 128, shape).astype(np.int8), q(scales, 0))
    bias = const(r.randint(-5000, 5000, filters).astype(np.int64 if dtype == 'int16' else np.int32), q([in_scale * s for s in scales], 0))
    inputs = [size_input, weights, tensor(dtype, (batch, *small, channels), q(in_scale, zero)), bias]
    return op('TRANSPOSE_CONV', inputs[:4 if has_bias else 3], [tensor(dtype, out, q(out_scale, zero))], made, version=4)
