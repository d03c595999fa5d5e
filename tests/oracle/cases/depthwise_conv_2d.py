"""DEPTHWISE_CONV_2D: types, per-channel scales, multipliers, strides, dilations, paddings, activations."""
from single_op import const, op, options, q, tensor
import numpy as np

GEOMETRY = [  # (h, w), channels, multiplier, (fh, fw), stride, dilation
    ((5, 5), 3, 1, (3, 3), (1, 1), (1, 1)), ((6, 5), 3, 2, (3, 3), (2, 2), (1, 1)),
    ((7, 9), 4, 1, (1, 1), (1, 1), (1, 1)), ((9, 9), 2, 3, (3, 3), (1, 1), (2, 2)),
    ((9, 8), 5, 1, (3, 2), (1, 1), (4, 3)), ((4, 4), 1, 8, (4, 4), (1, 1), (1, 1)),
    ((3, 3), 5, 1, (5, 5), (1, 1), (1, 1)), ((8, 8), 4, 1, (5, 5), (3, 2), (1, 1)),
    ((1, 1), 33, 1, (3, 3), (1, 1), (1, 1)), ((11, 3), 17, 1, (7, 1), (2, 1), (1, 1)),
    ((17, 17), 8, 1, (3, 3), (1, 1), (6, 6)),
]


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'hybrid'):
        for geometry in GEOMETRY:
            for padding in (0, 1):
                for activation in (0, 1, 2, 3):
                    yield one(r, dtype, *geometry, padding, activation)


def one(r, dtype, size, channels, multiplier, window, stride, dilation, padding, activation):
    batch, filters = int(r.choice([1, 2])), channels * multiplier
    made = options('DepthwiseConv2DOptions', padding=padding, strideH=stride[0], strideW=stride[1],
                   dilationHFactor=dilation[0], dilationWFactor=dilation[1], depthMultiplier=multiplier,
                   fusedActivationFunction=activation)
    shape = (1, *window, filters)
    has_bias = r.rand() < 0.9 or dtype == 'uint8'
    if dtype == 'hybrid':
        inputs = [tensor('float32', (batch, *size, channels)),
                  const(r.randint(-127, 128, shape).astype(np.int8), q(list(r.uniform(1e-3, 0.03, filters)), 0, 3)),
                  const(r.standard_normal(filters).astype(np.float32))]
        return op('DEPTHWISE_CONV_2D', inputs, [tensor('float32', (batch, 0, 0, filters))], made, version=6)
    if dtype == 'float32':
        inputs = [tensor(dtype, (batch, *size, channels)), const(r.standard_normal(shape).astype(np.float32)),
                  const(r.standard_normal(filters).astype(np.float32))]
        return op('DEPTHWISE_CONV_2D', inputs[:3 if has_bias else 2], [tensor(dtype, (batch, 0, 0, filters))], made)
    in_scale, out_scale = float(r.choice([0.02, 0.5, 1 / 128])), float(r.choice([0.05, 0.7, 3.0, 1e-4]))
    zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'int16': 0}[dtype]
    if dtype == 'uint8':
        scales = [0.01]
        weights = const(r.randint(0, 256, shape).astype(np.uint8), q(scales, int(r.randint(0, 256))))
    else:
        scales = list(r.uniform(1e-4, 0.03, filters)) if r.rand() < 0.7 else [0.004]
        weights = const(r.randint(-127, 128, shape).astype(np.int8), q(scales, 0, 3))
    bias = const(r.randint(-5000, 5000, filters).astype(np.int64 if dtype == 'int16' else np.int32),
                 q([in_scale * s for s in scales], 0))
    inputs = [tensor(dtype, (batch, *size, channels), q(in_scale, zero)), weights, bias]
    return op('DEPTHWISE_CONV_2D', inputs[:3 if has_bias else 2],
              [tensor(dtype, (batch, 0, 0, filters), q(out_scale, zero))], made, version=3)
