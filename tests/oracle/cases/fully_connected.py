"""FULLY_CONNECTED: types, hybrid weights, per-channel scales, ranks, kept dimensions, zero points of the weights, activations."""
from single_op import const, op, options, q, tensor
import numpy as np

SHAPES = [((1, 8), 4), ((3, 17), 5), ((2, 3, 6), 7), ((1, 1, 1, 33), 10), ((12,), 3), ((4, 1), 1), ((2, 2, 2, 2), 9), ((5, 64), 16)]


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'hybrid', 'uint8to16'):
        for shape, units in SHAPES:
            for activation in (0, 1, 2, 3):
                for _ in range(2):
                    yield one(r, dtype, shape, units, activation)


def one(r, dtype, shape, units, activation):
    depth = shape[-1]
    keep = bool(r.rand() < 0.5)
    asymmetric = bool(r.rand() < 0.5)
    made = dict(fusedActivationFunction=activation, keepNumDims=keep, asymmetricQuantizeInputs=asymmetric)
    out = (*shape[:-1], units) if keep else (int(np.prod(shape[:-1])), units)
    has_bias = r.rand() < 0.8
    if dtype in ('float32', 'hybrid'):
        if dtype == 'float32':
            weights = const(r.standard_normal((units, depth)).astype(np.float32))
        else:
            scales = list(r.uniform(1e-3, 0.03, units)) if r.rand() < 0.5 else [0.01]
            weights = const(r.randint(-127, 128, (units, depth)).astype(np.int8), q(scales, 0))
        values = None if r.rand() < 0.9 else (0, 0)
        inputs = [tensor('float32', shape, values=values), weights, const(r.standard_normal(units).astype(np.float32))]
        return op('FULLY_CONNECTED', inputs[:2] + ([inputs[2]] if has_bias else [None]), [tensor('float32', out)],
                  options('FullyConnectedOptions', **made), version=9)
    in_scale, out_scale = float(r.choice([0.02, 0.5, 1 / 128])), float(r.choice([0.05, 0.7, 3.0, 1e-4]))
    zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128))}.get(dtype, 0)
    in_type, out_type, out_zero = dtype, dtype, zero
    if dtype == 'uint8to16':
        in_type, out_type, zero, out_zero, has_bias = 'uint8', 'int16', int(r.randint(0, 256)), 0, True
    if in_type == 'uint8':
        scales = [0.01]
        weights = const(r.randint(0, 256, (units, depth)).astype(np.uint8), q(scales, int(r.randint(0, 256))))
    else:
        per_channel = r.rand() < 0.5 and units > 1
        scales = list(r.uniform(1e-4, 0.03, units)) if per_channel else [0.004]
        weights = const(r.randint(-127, 128, (units, depth)).astype(np.int8),
                        q(scales, 0 if per_channel else int(r.choice([0, 0, 3, -20]))))
    bias_type = np.int32
    if dtype == 'int16':
        bias_type = np.int64 if r.rand() < 0.6 else np.int32
        made['quantizedBiasType'] = 4 if bias_type == np.int64 else 2
    bias = const(r.randint(-5000, 5000, units).astype(bias_type), q([in_scale * s for s in scales], 0))
    return op('FULLY_CONNECTED', [tensor(in_type, shape, q(in_scale, zero)), weights, bias if has_bias else None],
              [tensor(out_type, out, q(out_scale, out_zero))], options('FullyConnectedOptions', **made), version=9)
