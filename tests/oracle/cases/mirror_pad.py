"""MIRROR_PAD: both modes, types, ranks, the largest amounts and one more; amounts only known at run time."""
from cases._shapes import moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'):
        for mode in (0, 1):
            for rank in (1, 2, 3, 4, 5):
                for _ in range(6):
                    shape = shape_of(r, rank)
                    most = np.array(shape)[:, None] - (1 - mode) + (1 if r.rand() < 0.15 else 0)
                    amounts = np.minimum(r.randint(0, 7, (rank, 2)), most)
                    index = str(r.choice(['int32', 'int64']))
                    p = const(amounts.astype(index))
                    if r.rand() < 0.15:
                        p = tensor(index, (rank, 2), values=amounts)
                    yield op('MIRROR_PAD', [moved(dtype, shape), p], [moved(dtype, [1] * rank)],
                             options('MirrorPadOptions', mode=mode), version=2)
