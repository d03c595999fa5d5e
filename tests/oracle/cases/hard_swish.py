"""HARD_SWISH: float, and all 8-bit inputs at many pairs of scales."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        yield op('HARD_SWISH', [tensor('float32', shape, values=(-6, 6))], [tensor('float32', shape)])
    for dtype, low in (('uint8', 0), ('int8', -128)):
        everything = np.arange(256) + low
        for scale in [0.02, 0.0471, 1 / 16, 0.1, 1e-3, 1.0, 5.0] + list(r.uniform(0.005, 0.2, 6)):
            for ratio in (1.0, 0.5, 0.1, 1 / 127, 2.0, 30.0):
                yield op('HARD_SWISH', [tensor(dtype, (256,), q(float(scale), e.zero_point(r, dtype)), everything)],
                         [tensor(dtype, (256,), q(float(scale * ratio), e.zero_point(r, dtype)))])
