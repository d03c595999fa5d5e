"""ABS: every type, int16 with and without a scale, changes of quantization."""
from cases import _elementwise as e
from single_op import op, options, q, tensor


def cases(r):
    for dtype in ('float32', 'int8', 'int16', 'int32'):
        for shape in e.SHAPES + [(300,)]:
            for scale, output_scale in ((0.1, 0.1), (0.1, 0.05), (0.02, 0.3), (1.0, 0.001)):
                plain = dtype not in e.LIMITS or (dtype == 'int16' and output_scale == 0.3)
                yield op('ABS', [tensor(dtype, shape, None if plain else q(scale, e.zero_point(r, dtype)), e.values(r, dtype))],
                         [tensor(dtype, shape, None if plain else q(output_scale, e.zero_point(r, dtype)))], options('AbsOptions'), version=3)
