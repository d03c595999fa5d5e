"""ADD_N: two to five inputs."""
from cases import _elementwise as e
from single_op import op, options, tensor


def cases(r):
    for dtype in ('float32', 'int32'):
        for shape in e.SHAPES:
            for count in (2, 3, 5):
                yield op('ADD_N', [tensor(dtype, shape) for _ in range(count)], [tensor(dtype, shape)], options('AddNOptions'))
