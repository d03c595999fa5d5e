"""CONV_2D: types, per-channel scales, strides, dilations, paddings, groups, activations, scales that saturate."""
from single_op import const, op, options, q, tensor
import numpy as np

GEOMETRY = [  # (h, w), input channels, filters, (fh, fw), stride, dilation, groups
    ((5, 5), 3, 4, (3, 3), (1, 1), (1, 1), 1), ((6, 5), 3, 4, (3, 3), (2, 2), (1, 1), 1),
    ((7, 9), 4, 8, (1, 1), (1, 1), (1, 1), 1), ((9, 9), 2, 3, (3, 3), (1, 1), (2, 2), 1),
    ((9, 8), 2, 3, (3, 2), (1, 1), (4, 3), 1), ((4, 4), 1, 1, (4, 4), (1, 1), (1, 1), 1),
    ((3, 3), 5, 2, (5, 5), (1, 1), (1, 1), 1), ((8, 8), 4, 8, (3, 3), (3, 2), (1, 1), 2),
    ((1, 1), 16, 33, (1, 1), (1, 1), (1, 1), 1), ((2, 3), 70, 17, (1, 1), (1, 1), (1, 1), 1),
    ((11, 3), 6, 6, (7, 1), (2, 1), (1, 1), 3),
]


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'hybrid'):
        for (h, w), channels, filters, (fh, fw), stride, dilation, groups in GEOMETRY:
            for padding in (0, 1):
                for activation in (0, 1, 2, 3):
                    yield one(r, dtype, h, w, channels, filters, fh, fw, stride, dilation, groups, padding, activation)


def one(r, dtype, h, w, channels, filters, fh, fw, stride, dilation, groups, padding, activation):
    batch = int(r.choice([1, 2]))
    shape = (filters, fh, fw, channels // groups)
    made = options('Conv2DOptions', padding=padding, strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0],
                   dilationWFactor=dilation[1], fusedActivationFunction=activation)
    has_bias = r.rand() < 0.9
    if dtype == 'hybrid':
        scales = list(r.uniform(1e-3, 0.03, filters)) if r.rand() < 0.6 else [0.004]
        inputs = [tensor('float32', (batch, h, w, channels)), const(r.randint(-127, 128, shape).astype(np.int8), q(scales, 0)),
                  const(r.standard_normal(filters).astype(np.float32))]
        return op('CONV_2D', inputs, [tensor('float32', (batch, 0, 0, filters))], made, version=5)
    if dtype == 'float32':
        bias = const(r.standard_normal(filters).astype(np.float32)) if has_bias else None
        inputs = [tensor(dtype, (batch, h, w, channels)), const(r.standard_normal(shape).astype(np.float32))]
        return op('CONV_2D', inputs + ([bias] if bias else []), [tensor(dtype, (batch, 0, 0, filters))], made)
    in_scale = float(r.choice([0.02, 0.5, 1 / 128]))
    out_scale = float(r.choice([0.05, 0.7, 3.0, 1e-4]))
    zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'int16': 0}
    if dtype == 'uint8':
        weights = const(r.randint(0, 256, shape).astype(np.uint8), q(0.01, int(r.randint(0, 256))))
        scales = [0.01]
    else:
        scales = list(r.uniform(1e-4, 0.03, filters)) if r.rand() < 0.7 else [0.004]
        weights = const(r.randint(-127, 128, shape).astype(np.int8), q(scales, 0))
    bias_type = np.int64 if dtype == 'int16' else np.int32
    bias = const(r.randint(-5000, 5000, filters).astype(bias_type), q([in_scale * s for s in scales], 0))
    if not has_bias and dtype != 'uint8':
        inputs = [tensor(dtype, (batch, h, w, channels), q(in_scale, zero[dtype])), weights]
    else:
        inputs = [tensor(dtype, (batch, h, w, channels), q(in_scale, zero[dtype])), weights, bias]
    return op('CONV_2D', inputs, [tensor(dtype, (batch, 0, 0, filters), q(out_scale, zero[dtype]))], made, version=3)
