"""GELU: both formulas; the tables of 8 and 16 bits over all inputs."""
from cases import _elementwise as e
from single_op import op, options, q, tensor
import numpy as np


def cases(r):
    for approximate in (False, True):
        made = options('GeluOptions', approximate=approximate)
        for shape in e.SHAPES:
            yield op('GELU', [tensor('float32', shape, values=(-6, 6))], [tensor('float32', shape)], made)
        for dtype, low, high in (('uint8', 0, 255), ('int8', -128, 127), ('int16', -32768, 32767)):
            everything = np.arange(low, high + 1, 1 if dtype != 'int16' else 37)
            for scale in ([0.02, 0.05, 0.1, 1e-3, 1.0] if dtype != 'int16' else [1e-4, 3e-4, 1e-5, 0.01]):
                for ratio in (1.0, 0.5, 3.0):
                    yield op('GELU', [tensor(dtype, everything.shape, q(scale, e.zero_point(r, dtype)), everything)],
                             [tensor(dtype, everything.shape, q(scale * ratio, e.zero_point(r, dtype)))], made, version=2)
