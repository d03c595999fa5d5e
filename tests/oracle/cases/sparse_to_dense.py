"""SPARSE_TO_DENSE: types, ranks, one value and many, indices of each rank and type, places out of range."""
from cases._shapes import moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int32', 'int64'):
        for rank in (1, 2, 3, 4):
            for kind in range(6):
                shape = shape_of(r, rank)
                count = int(r.randint(1, 6))
                indices = r.randint(0, 1000, (count, rank)) % np.array(shape)
                if r.rand() < 0.06:
                    indices.flat[0] = 99
                if rank == 1 and kind % 3 == 0:
                    indices = indices[:, 0]
                index = 'int64' if kind % 2 else 'int32'
                s = const(np.array(shape, index)) if r.rand() < 0.8 else tensor(index, (rank,), values=np.array(shape))
                values = moved(dtype, () if kind < 2 else (count,))
                yield op('SPARSE_TO_DENSE', [const(indices.astype(index)), s, values, moved(dtype, ())],
                         [moved(dtype, (1,) * rank)], options('SparseToDenseOptions', validateIndices=True))
        yield op('SPARSE_TO_DENSE', [const(np.int32(2)), const(np.int32([4])), moved(dtype, ()), moved(dtype, ())],
                 [moved(dtype, (1,))], options('SparseToDenseOptions'))
