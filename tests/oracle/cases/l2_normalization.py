"""L2_NORMALIZATION: types, ranks, rows of zeros, of one element, long ones; zero points."""
from single_op import op, options, q, tensor

SHAPES = [(1, 10), (3, 1), (2, 5, 7), (1, 3, 3, 21), (30,), (2, 2, 2, 4), (0, 4), (1, 2000)]


def cases(r):
    for dtype, out_zero in (('float32', 0), ('uint8', 128), ('int8', 0)):
        for shape in SHAPES:
            for kind in range(5):
                zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'float32': 0}[dtype]
                values = [None, (zero, zero), (zero, min(zero + 2, 127 if dtype == 'int8' else 255)), None, None][kind]
                in_q, out_q = (None, None) if dtype == 'float32' else (q(0.1, zero), q(1 / 128, out_zero))
                yield op('L2_NORMALIZATION', [tensor(dtype, shape, in_q, values)], [tensor(dtype, shape, out_q)],
                         options('L2NormOptions'), version=2)
