"""The cases of comparisons."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r, name, table, types):
    for dtype in types:
        for a, b in e.BROADCASTS:
            for kind in range(4 if dtype in e.LIMITS else 2):
                quantizations = [e.quantization(r, dtype, [0.02, 0.5, 1 / 128, 0.04]) for _ in range(2)]
                if kind == 1:
                    quantizations[1] = quantizations[0]
                if kind == 2:  # above 1 (at 1 it aborts), where LiteRT's shift leaves its range
                    quantizations = [e.quantization(r, dtype, [1.5, 2.0, 300.0]) for _ in range(2)]
                if dtype == 'int16' and kind == 3 and name != 'NOT_EQUAL':
                    quantizations = [None, None]
                values = (-3, 3) if dtype != 'bool' else None
                if dtype in e.LIMITS and kind == 1 and r.rand() < 0.5:
                    values = None
                elif dtype == 'uint8':
                    values = (0, 6)
                yield op(name, [tensor(dtype, a, quantizations[0], values), tensor(dtype, b, quantizations[1], values)],
                         [tensor('bool', e.output_shape(a, b))], options(table), version=2)
