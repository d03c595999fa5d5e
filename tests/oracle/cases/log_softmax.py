"""LOG_SOFTMAX: types, ranks, row lengths, scales that saturate."""
from single_op import op, options, q, tensor

SHAPES = [(1, 10), (3, 1), (2, 5, 7), (1, 3, 3, 21), (300,), (2, 2, 2, 1, 4), (1, 2), (0, 4), (1, 2000)]


def cases(r):
    for dtype, out_zero in (('float32', 0), ('uint8', 255), ('int8', 127)):
        for shape in SHAPES:
            for scale in (0.0005, 0.01, 0.05, 0.0625, 0.2, 1.0, 40.0):
                zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128)), 'float32': 0}[dtype]
                in_q, out_q = (None, None) if dtype == 'float32' else (q(scale, zero), q(1 / 16, out_zero))
                values = (-20 * scale, 20 * scale) if dtype == 'float32' else None
                yield op('LOG_SOFTMAX', [tensor(dtype, shape, in_q, values)], [tensor(dtype, shape, out_q)],
                         options('LogSoftmaxOptions'), version=2)
