"""UNPACK: types, ranks, axes; a number of outputs that is not the extent."""
from cases._shapes import MOVED, moved, shape_of
from single_op import op, options


def cases(r):
    for dtype in MOVED + ('float16',):
        for rank in (1, 2, 3, 4, 5):
            for axis in range(-rank, rank):
                shape = shape_of(r, rank)
                count = shape[axis] + (1 if r.rand() < 0.05 else 0)
                yield op('UNPACK', [moved(dtype, shape)], [moved(dtype, (1,)) for _ in range(count)],
                         options('UnpackOptions', num=count, axis=axis), version=2)
        yield op('UNPACK', [moved(dtype, (2, 3))], [moved(dtype, (1,))] * 2, options('UnpackOptions', num=2, axis=2))
