"""BATCH_MATMUL: types, hybrid weights, transposed sides, broadcast outer dimensions, zero points."""
from single_op import const, op, options, q, tensor
import numpy as np

SHAPES = [  # outer dimensions left and right, M, K, N
    ((), (), 3, 4, 5), ((2,), (2,), 3, 5, 2), ((2, 3), (2, 3), 4, 2, 3), ((3,), (1,), 2, 7, 4), ((1,), (4,), 5, 3, 3),
    ((2, 1), (1, 3), 2, 2, 2), ((), (3,), 4, 6, 2), ((2, 2), (), 3, 3, 3), ((1, 2, 2), (1, 2, 2), 2, 9, 1), ((2,), (2,), 1, 1, 1),
    ((1,), (1,), 17, 33, 8),
]
TYPES = [('float32', 'float32', 'float32'), ('int8', 'int8', 'int8'), ('int16', 'int16', 'int16'), ('int8', 'int8', 'int32'),
         ('int16', 'int8', 'int16'), ('float32', 'int8', 'float32')]


def cases(r):
    for lhs_type, rhs_type, out_type in TYPES:
        for left, right, m, k, n in SHAPES:
            for adj_x in (False, True):
                for adj_y in (False, True):
                    yield one(r, lhs_type, rhs_type, out_type, left, right, m, k, n, adj_x, adj_y)


def one(r, lhs_type, rhs_type, out_type, left, right, m, k, n, adj_x, adj_y):
    lhs, rhs = (*left, k, m) if adj_x else (*left, m, k), (*right, n, k) if adj_y else (*right, k, n)
    out = (*np.broadcast_shapes(left, right), m, n)
    hybrid = lhs_type == 'float32' and rhs_type == 'int8'
    made = options('BatchMatMulOptions', adjX=adj_x, adjY=adj_y, asymmetricQuantizeInputs=bool(r.rand() < 0.5))

    def quantization(dtype):
        if dtype == 'float32' or out_type == 'int32':
            return None if dtype in ('float32', 'int32') else q(0.1, 0)
        return q(float(r.choice([0.02, 0.5, 1 / 128, 0.9])), 0 if dtype == 'int16' or lhs_type == 'int16' else int(r.randint(-128, 128)))

    if hybrid:
        right_side = const(r.randint(-127, 128, rhs).astype(np.int8), q(0.01, 0))
    elif r.rand() < 0.3:
        info = (-127, 128) if rhs_type == 'int8' else (-32768, 32768)
        values = r.standard_normal(rhs) if rhs_type == 'float32' else r.randint(*info, rhs)
        right_side = const(values.astype(rhs_type), quantization(rhs_type))
    else:
        right_side = tensor(rhs_type, rhs, quantization(rhs_type))
    return op('BATCH_MATMUL', [tensor(lhs_type, lhs, quantization(lhs_type)), right_side],
              [tensor(out_type, out, quantization(out_type))], made, version=4)
