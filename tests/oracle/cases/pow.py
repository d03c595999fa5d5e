"""POW: float and int32, broadcasting, whole scalar exponents (which LiteRT multiplies out)."""
from cases import _elementwise as e
from single_op import op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32'):
        for a, b in e.BROADCASTS:
            for base in ((0.01, 5), (-5, 5)) if dtype == 'float32' else ((-9, 9), (-3000, 3000)):
                yield op('POW', [tensor(dtype, a, values=base), tensor(dtype, b, values=(0, 9))],
                         [tensor(dtype, e.output_shape(a, b))], options('PowOptions'))
        for exponent in (0, 1, 2, 3, 7, 40) + ((0.5, -1, -2.5, 2.000004) if dtype == 'float32' else ()):
            for shape in ((), (1,)):
                yield op('POW', [tensor(dtype, (3, 5), values=(-7, 7)), tensor(dtype, shape, values=np.array(exponent))],
                         [tensor(dtype, (3, 5))], options('PowOptions'))
    yield op('POW', [tensor('int32', (3,)), tensor('int32', (3,), values=np.array([1, -1, 2]))], [tensor('int32', (3,))], options('PowOptions'))
