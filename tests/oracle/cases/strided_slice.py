"""STRIDED_SLICE: every mask, negative strides and indices, indices beyond the ends, fewer entries than dimensions, offset."""
from cases._shapes import MOVED, moved, shape_of
from single_op import const, op, options, tensor
import numpy as np


def sliced(r, dtype, shape, begins, ends, strides, late=0.1, **masks):
    inputs = [moved(dtype, shape)]
    if 'offset' in masks:
        late = 0  # LiteRT reads ends before they are there
    for values in (begins, ends, strides):
        values = np.int32(values)
        inputs.append(tensor('int32', values.shape, values=values) if r.rand() < late else const(values))
    names = {'begin': 'beginMask', 'end': 'endMask', 'ellipsis': 'ellipsisMask', 'new': 'newAxisMask',
             'shrink': 'shrinkAxisMask', 'offset': 'offset'}
    return op('STRIDED_SLICE', inputs, [moved(dtype, ())],
              options('StridedSliceOptions', **{names[k]: v for k, v in masks.items()}), version=4)


def bits(r, count, chance):
    return int(sum(1 << i for i in range(count) if r.rand() < chance))


def cases(r):
    for dtype in MOVED:
        for rank in (1, 2, 3, 4, 5):
            for _ in range(8):  # plain parts: begin and end masks, strides of both signs
                shape = shape_of(r, rank, 1, 7)
                begin, end = r.randint(-8, 9, rank), r.randint(-8, 9, rank)
                strides = r.choice([1, 1, 1, 2, 3, -1, -2, 9], rank)
                yield sliced(r, dtype, shape, begin, end, strides, begin=bits(r, rank, 0.4), end=bits(r, rank, 0.4))
            for _ in range(6):  # a full index in some dimensions
                shape = shape_of(r, rank, 1, 7)
                shrink = bits(r, rank, 0.5)
                begin = np.array([r.randint(-d, d) for d in shape])
                strides = [1 if shrink >> i & 1 else int(r.choice([1, 2, -1])) for i in range(rank)]
                yield sliced(r, dtype, shape, begin, r.randint(-8, 9, rank), strides, shrink=shrink,
                             begin=bits(r, rank, 0.2) & ~shrink, end=bits(r, rank, 0.5))
            for _ in range(8):  # new dimensions, an ellipsis, fewer entries than dimensions
                shape = shape_of(r, rank, 1, 5)
                named = int(r.randint(0, rank + 1))
                kinds = ['axis'] * named + ['new'] * int(r.randint(0, 3))
                if r.rand() < 0.6 and named < rank:
                    kinds.append('ellipsis')
                kinds = [kinds[i] for i in r.permutation(len(kinds))] or ['new']
                mask = {k: sum(1 << i for i, kind in enumerate(kinds) if kind == k) for k in ('new', 'ellipsis')}
                count = len(kinds)
                axes = sum(1 << i for i, kind in enumerate(kinds) if kind == 'axis')
                yield sliced(r, dtype, shape, [0] * count, r.randint(1, 6, count), [1] * count, begin=bits(r, count, 0.3),
                             end=bits(r, count, 0.3), shrink=bits(r, count, 0.3) & axes, **mask)
            for _ in range(4):  # ends counted from begins
                shape = shape_of(r, rank, 2, 7)
                begin = np.array([r.randint(0, d) for d in shape])
                count = np.array([r.randint(1, d - b + 1) for d, b in zip(shape, begin)])
                yield sliced(r, dtype, shape, begin, count, r.choice([1, 1, 2], rank), offset=True)
        yield sliced(r, dtype, (0, 3), [0, 0], [2, 2], [1, -1])
        yield sliced(r, dtype, (4, 3), [0, 0], [2, 2], [1, 0])
        yield sliced(r, dtype, (), [0], [0], [1], new=1)
