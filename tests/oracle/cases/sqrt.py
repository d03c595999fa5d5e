"""SQRT: float, and 8 and 16 bits over all numbers from 0 on; a negative one is refused."""
from cases import _elementwise as e
from single_op import op, q, tensor
import numpy as np


def cases(r):
    for shape in e.SHAPES:
        for _ in range(3):
            yield op('SQRT', [tensor('float32', shape, values=(0.001, 50))], [tensor('float32', shape)])
    for dtype, low, high in (('int8', -128, 127), ('int16', -32768, 32767)):
        for scale in [0.02, 0.05, 0.1, 1e-3, 1.0, 10.0]:
            for output_scale in (0.01, 0.05, 1.0, 1e-3, 1e-4, 30.0):
                zero = e.zero_point(r, dtype)
                numbers = np.arange(zero, high + 1, 1 if dtype == 'int8' else 37)
                yield op('SQRT', [tensor(dtype, numbers.shape, q(scale, zero), numbers)],
                         [tensor(dtype, numbers.shape, q(output_scale, e.zero_point(r, dtype)))], version=2)
        yield op('SQRT', [tensor(dtype, (1,), q(0.1, 0), np.array([-1]))], [tensor(dtype, (1,), q(0.1, 0))], version=2)
