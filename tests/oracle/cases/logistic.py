"""LOGISTIC: every type; the 8-bit table over all inputs, the int16 table at scales that are powers of two and others."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        yield op('LOGISTIC', [tensor('float32', shape, values=(-20, 20))], [tensor('float32', shape)])
        yield op('LOGISTIC', [tensor('float32', shape, values=(-2000, 2000))], [tensor('float32', shape)])
    scales = [0.02, 0.05, 1 / 16, 0.1, 0.3, 1e-3, 1.0, 20.0, 1e-6, 3e3, 0.0471]
    for dtype, low in (('uint8', 0), ('int8', -128)):
        everything = np.arange(256) + low
        for scale in scales:
            for output_zero in (low, low + 5):
                for _ in range(2):
                    yield op('LOGISTIC', [tensor(dtype, (256,), q(scale, e.zero_point(r, dtype)), everything)],
                             [tensor(dtype, (256,), q(1 / 256, output_zero))])
    for scale in [2.0 ** -12, 2.0 ** -11, 2.0 ** -13, 1 / 3000, 1e-4, 0.01, 1e-8, 0.5, 1.0, 3.0] + list(r.uniform(1e-5, 3e-3, 6)):
        yield op('LOGISTIC', [tensor('int16', (2000,), q(float(scale), 0))], [tensor('int16', (2000,), q(1 / 32768, 0))])
