"""DENSIFY: types, matrices and filters, single elements and blocks, rows that are empty, columns first."""
from ai_edge_litert import schema_py_generated as schema
from single_op import Tensor, op, options
import numpy as np


def cases(r):
    for dtype in ('float32', 'float16', 'int8'):
        for shape, blocks in [((4, 6), ()), ((6, 8), ((1, 4),)), ((8, 8), ((0, 2), (1, 4))), ((3, 2, 2, 8), ((3, 4),)), ((1, 1), ())]:
            for share in (0.1, 0.5, 1.0):
                for columns_first in (False, True) if len(shape) == 2 and not blocks else (False,):
                    yield one(r, dtype, shape, blocks, share, columns_first)


def vector(values):
    made = schema.Int32VectorT()
    made.values = [int(v) for v in values]
    return made


def one(r, dtype, shape, blocks, share, columns_first):
    """The last whole dimension is sparse, the others and the insides of blocks dense."""
    whole = list(shape)
    for d, size in blocks:
        whole[d] //= size
    order = [1, 0] if columns_first else list(range(len(shape)))
    walked = [whole[d] for d in order]
    rows = int(np.prod(walked[:-1]))
    held = r.rand(rows, walked[-1]) < share
    made = schema.SparsityParametersT()
    made.traversalOrder = order + list(range(len(shape), len(shape) + len(blocks)))
    made.blockMap = [d for d, _ in blocks]
    made.dimMetadata = []
    for size in walked[:-1] + [None] + [size for _, size in blocks]:
        level = schema.DimensionMetadataT()
        level.format = schema.DimensionType.SPARSE_CSR if size is None else schema.DimensionType.DENSE
        if size is None:
            level.arraySegmentsType = level.arrayIndicesType = schema.SparseIndexVector.Int32Vector
            level.arraySegments = vector(np.concatenate([[0], np.cumsum(held.sum(1))]))
            level.arrayIndices = vector(np.nonzero(held)[1])
        else:
            level.denseSize = size
        made.dimMetadata.append(level)
    count = int(held.sum() * np.prod([size for _, size in blocks], dtype=int))
    stored = r.randint(1, 100, max(count, 1)).astype(dtype)
    x = Tensor(dtype, shape, data=stored, sparsity=made)
    return op('DENSIFY', [x], [Tensor(dtype, shape)], options('DensifyOptions'))
