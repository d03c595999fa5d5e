"""ONE_HOT: types, places of the new dimension, indices beyond it and of both types, depths only known at run time."""
from cases._shapes import shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32', 'int64', 'int8', 'uint8', 'bool'):
        for index in ('int32', 'int64'):
            for rank in (0, 1, 2, 3):
                for axis in range(-1, rank + 2):
                    depth = int(r.choice([0, 1, 4, 7], p=[0.1, 0.1, 0.4, 0.4]))
                    d = const(np.int32(depth)) if r.rand() < 0.8 else tensor('int32', (), values=np.array(depth))
                    on, off = [const(np.array(v).astype(dtype)) for v in (r.choice([1, 5]), 0)]
                    x = tensor(index, shape_of(r, rank), values=(-2, 6))
                    yield op('ONE_HOT', [x, d, on, off], [tensor(dtype, (1,))], options('OneHotOptions', axis=axis))
        x = tensor('int64', (3,), values=np.array([2**32, 2**32 + 1, 1]))
        yield op('ONE_HOT', [x, const(np.int32(3)), const(np.array(1).astype(dtype)), const(np.array(0).astype(dtype))],
                 [tensor(dtype, (1,))], options('OneHotOptions', axis=-1))
