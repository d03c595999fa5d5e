"""MUL: types, broadcasting, activations, scales that saturate, int16 gates with an 8-bit product."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r):
    for dtype in ('uint8', 'int8', 'int16', 'float32', 'int32', 'int64'):
        for a, b in e.BROADCASTS:
            for activation in (0, 1, 2, 3):
                quantizations = [e.quantization(r, dtype, [0.02, 0.5, 1 / 128, 3.0, 1e-4]) for _ in range(3)]
                if dtype == 'int16' and r.rand() < 0.3:
                    quantizations = [None] * 3
                ranges = [e.values(r, dtype, r.rand() < 0.2) for _ in range(2)]
                yield op('MUL', [tensor(dtype, a, quantizations[0], ranges[0]), tensor(dtype, b, quantizations[1], ranges[1])],
                         [tensor(dtype, e.output_shape(a, b), quantizations[2])],
                         options('MulOptions', fusedActivationFunction=activation), version=2)
    for dtype in ('int8', 'uint8'):
        for activation in (0, 1):
            unit = q(1 / 32768, 0)
            yield op('MUL', [tensor('int16', (40,), unit), tensor('int16', (40,), unit)],
                     [tensor(dtype, (40,), q(1 / 128, e.zero_point(r, dtype)))],
                     options('MulOptions', fusedActivationFunction=activation), version=2)
