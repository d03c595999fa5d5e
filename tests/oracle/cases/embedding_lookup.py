"""EMBEDDING_LOOKUP: types, ranks, int8 rows to floats."""
from single_op import const, op, q, tensor
import numpy as np

TABLES = [(4, 3), (1, 1), (10, 2, 5), (7, 16), (3, 1, 1, 4)]


def cases(r):
    for dtype in ('float32', 'int8', 'uint8', 'hybrid'):
        for shape in TABLES:
            for count in (0, 1, 5, 20):
                indices = tensor('int32', (count,), values=(0, shape[0] - 1))
                if dtype == 'float32':
                    table, out = const(r.standard_normal(shape).astype(np.float32)), tensor('float32', (count, *shape[1:]))
                else:
                    kind = np.uint8 if dtype == 'uint8' else np.int8
                    scale = list(r.uniform(0.01, 0.1, shape[0])) if dtype == 'hybrid' and r.rand() < 0.5 else [0.1]
                    quantization = q(scale, 0)
                    table = const(r.randint(0, 100, shape).astype(kind), quantization)
                    out = tensor('float32', (count, *shape[1:])) if dtype == 'hybrid' else tensor(dtype, (count, *shape[1:]), q(0.1, 0))
                yield op('EMBEDDING_LOOKUP', [indices, table], [out], version=3)
