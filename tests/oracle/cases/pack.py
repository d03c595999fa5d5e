"""PACK: types, ranks from scalars on, axes, numbers of inputs; other shapes and scales are refused."""
from cases._shapes import MOVED, moved, shape_of
from single_op import op, options, q, tensor


def pack(parts, out, axis):
    return op('PACK', parts, [out], options('PackOptions', valuesCount=len(parts), axis=axis), version=2)


def cases(r):
    for dtype in MOVED[:-1] + ('uint32',):
        for rank in (0, 1, 2, 3, 4):
            for axis in range(-rank - 1, rank + 1):
                shape = shape_of(r, rank, 0 if r.rand() < 0.1 else 1)
                yield pack([moved(dtype, shape) for _ in range(int(r.choice([1, 2, 3, 5])))], moved(dtype, (1,)), axis)
        yield pack([moved(dtype, (2, 3)), moved(dtype, (2, 2))], moved(dtype, (1,)), 0)
        yield pack([moved(dtype, (2, 3))], moved(dtype, (1,)), 3)
        yield pack([moved(dtype, (2, 3))], moved(dtype, (1,)), -4)
    yield pack([moved('int8', (2, 3)), tensor('int8', (2, 3), q(1.0, 0))], moved('int8', (1,)), 0)
