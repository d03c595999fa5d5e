"""SOFTMAX: types in and out, ranks, row lengths, scales that saturate, beta."""
from single_op import op, options, q, tensor

SHAPES = [(1, 10), (3, 1), (2, 5, 7), (1, 3, 3, 21), (300,), (2, 2, 2, 1, 4), (1, 2), (0, 4), (1, 500), (4, 384)]
OUTPUTS = {'uint8': [('uint8', q(1 / 256, 0)), ('int16', q(1 / 32768, 0))],
           'int8': [('int8', q(1 / 256, -128)), ('int16', q(1 / 32768, 0))],
           'int16': [('int16', q(1 / 32768, 0))], 'float32': [('float32', None)]}


def cases(r):
    for dtype, outputs in OUTPUTS.items():
        for shape in SHAPES:
            for scale in (0.0005, 0.05, 0.2, 1.0, 40.0):
                for beta in (1.0, 0.3, 2.5):
                    out, out_q = outputs[r.randint(len(outputs))]
                    zero = {'uint8': int(r.randint(0, 256)), 'int8': int(r.randint(-128, 128))}.get(dtype, 0)
                    if dtype == 'int16':
                        scale *= 0.01
                    in_q = None if dtype == 'float32' else q(scale, zero)
                    values = (-20 * scale, 20 * scale) if dtype == 'float32' else None
                    yield op('SOFTMAX', [tensor(dtype, shape, in_q, values)], [tensor(out, shape, out_q)],
                             options('SoftmaxOptions', beta=beta), version=3)
