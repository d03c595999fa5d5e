"""RANK: scalars, empty tensors, many dimensions."""
from cases._shapes import MOVED, moved, shape_of
from single_op import op, tensor


def cases(r):
    for dtype in MOVED:
        for rank in range(9):
            yield op('RANK', [moved(dtype, shape_of(r, rank, 0 if rank < 5 else 1, 3))], [tensor('int32', ())])
