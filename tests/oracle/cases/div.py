"""DIV: types, broadcasting, activations; quantized quotients of every sign, and of 0."""
from cases import _elementwise as e
from single_op import op, options, q, tensor
import numpy as np


def divisors(r, dtype, shape, zero):
    low, high = e.LIMITS.get(dtype, (-50, 50))
    x = r.randint(low, high + 1, shape)
    return np.where(x == zero, high if zero != high else low, x)


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'int32'):
        for a, b in e.BROADCASTS:
            for activation in (0, 1, 2, 3):
                quantizations = [e.quantization(r, dtype, [0.02, 0.5, 1 / 128, 3.0]) for _ in range(3)]
                zero = int(quantizations[1].zero_point[0]) if quantizations[1] else 0
                values = None if dtype == 'float32' else divisors(r, dtype, b, zero)
                yield op('DIV', [tensor(dtype, a, quantizations[0], e.values(r, dtype)), tensor(dtype, b, quantizations[1], values)],
                         [tensor(dtype, e.output_shape(a, b), quantizations[2])],
                         options('DivOptions', fusedActivationFunction=activation), version=2)
    for dtype in ('uint8', 'int8', 'int16'):
        low, high = e.LIMITS[dtype]
        for scale in (0.01, 0.3, 1.0, 50.0):
            for zero in (low, 0, high) if dtype != 'int16' else (0,):
                everything = np.linspace(low, high, 256).astype(np.int64)
                for divisor in (1, 3, 50, -60):
                    value = min(max(zero + divisor, low), high)
                    if value != zero:
                        yield op('DIV', [tensor(dtype, (256,), q(0.1, zero), everything), tensor(dtype, (1,), q(0.2, zero), np.array([value]))],
                                 [tensor(dtype, (256,), q(scale, 0))], options('DivOptions'), version=2)
