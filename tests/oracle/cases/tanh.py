"""TANH: every type; the 8-bit table over all inputs, the int16 table at scales that are powers of two and others."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        yield op('TANH', [tensor('float32', shape, values=(-5, 5))], [tensor('float32', shape)])
    for dtype, low in (('uint8', 0), ('int8', -128)):
        for scale in [0.02, 0.05, 1 / 16, 0.1, 1e-3, 1.0, 20.0]:
            for output_scale in (1 / 128, 1 / 100, 0.001):
                yield op('TANH', [tensor(dtype, (256,), q(scale, e.zero_point(r, dtype)), np.arange(256) + low)],
                         [tensor(dtype, (256,), q(output_scale, e.zero_point(r, dtype)))])
    for scale in [2.0 ** -12, 2.0 ** -11, 2.0 ** -13, 2.0 ** -10, 1 / 3000, 1e-4, 0.01, 1e-8, 0.5, 3.0] + list(r.uniform(1e-5, 3e-3, 6)):
        yield op('TANH', [tensor('int16', (2000,), q(float(scale), 0))], [tensor('int16', (2000,), q(1 / 32768, 0))])
