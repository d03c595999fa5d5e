"""EXP: float, and the tables of 8 and 16 bits over all inputs."""
from cases import _elementwise as e
from single_op import op, options, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        for _ in range(3):
            yield op('EXP', [tensor('float32', shape, values=(-5, 5))], [tensor('float32', shape)], options('ExpOptions'))
    for dtype, low, high in (('int8', -128, 127), ('int16', -32768, 32767)):
        everything = np.arange(low, high + 1, 1 if dtype == 'int8' else 37)
        for scale in [0.02, 0.05, 0.1, 1e-3, 1.0, 10.0] if dtype == 'int8' else [1e-4, 3e-4, 1e-5, 2e-3]:
            for output_scale in (0.01, 0.05, 1.0, 1e-3, 1e-4, 1e-8):
                yield op('EXP', [tensor(dtype, everything.shape, q(scale, e.zero_point(r, dtype)), everything)],
                         [tensor(dtype, everything.shape, q(output_scale, e.zero_point(r, dtype)))], options('ExpOptions'), version=2)
