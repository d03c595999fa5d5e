"""FLOOR_MOD: types, broadcasting, every sign; a divisor of 0 is refused."""
from cases import _elementwise as e
from single_op import op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'int8', 'int16', 'int32', 'int64'):
        for a, b in e.BROADCASTS:
            for big in (False, True):
                if dtype == 'float32':
                    divisors = r.uniform(-5, 5, b)
                else:
                    divisors = r.randint(-100, 101, b)
                    divisors = np.where(divisors == 0, -1, divisors)
                yield op('FLOOR_MOD', [tensor(dtype, a, None, e.values(r, dtype, big)), tensor(dtype, b, values=np.asarray(divisors))],
                         [tensor(dtype, e.output_shape(a, b))], options('FloorModOptions'), version=2)
        yield op('FLOOR_MOD', [tensor(dtype, (2,)), tensor(dtype, (2,), values=np.array([1, 0]))], [tensor(dtype, (2,))], options('FloorModOptions'), version=2)
