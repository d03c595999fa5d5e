"""SLICE: types, ranks up to 6, sizes of -1 and 0, both index types, parts that are out of range, late begins."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5, 6):
            for _ in range(7):
                shape = np.array(shape_of(r, rank))
                begin = np.array([r.randint(0, d) for d in shape])
                size = np.array([r.randint(0 if r.rand() < 0.1 else 1, d - b + 1) for d, b in zip(shape, begin)])
                real = size.copy()
                if r.rand() < 0.4:
                    k = int(r.randint(rank))
                    size[k], real[k] = -1, shape[k] - begin[k]
                if r.rand() < 0.08:
                    size[0] = shape[0] + 1
                index = str(r.choice(['int32', 'int64']))
                b, s = const(begin.astype(index)), const(size.astype(index))
                if r.rand() < 0.2:
                    b = tensor(index, (rank,), values=begin)
                # LiteRT takes the output's shape from the file where the file has one
                out = real if r.rand() < 0.5 and size[0] <= shape[0] else ()
                yield op('SLICE', [moved(dtype, shape.tolist()), b, s], [moved(dtype, [int(d) for d in out])], version=3)
