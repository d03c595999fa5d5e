"""ARG_MAX and ARG_MIN: types, axes, ties, NaNs within a dimension that is not the last, both index types, axes only known at run time."""
from cases._shapes import shape_of
from single_op import const, op, options, tensor
import numpy as np

INDEX = {'int32': 2, 'int64': 4}


def arg_cases(r, name, table):
    """The cases of one of the two: `name` in the schema, its options `table`."""
    for dtype in ('float32', 'uint8', 'int8', 'int32', 'bool'):
        for index in INDEX:
            for rank in (1, 2, 3, 4):
                for axis in range(-rank, rank):
                    values = None if dtype == 'bool' else (0, int(r.choice([1, 3, 100])))
                    x = tensor(dtype, shape_of(r, rank, 1, 23 if rank < 3 else 7), values=values)
                    axis_type = r.choice(['int32', 'int64'])
                    a = const(np.array([axis], axis_type) if r.rand() < 0.5 else np.array(axis, axis_type))
                    if r.rand() < 0.2:
                        a = tensor(str(axis_type), (1,), values=np.array([axis]))
                    yield op(name, [x, a], [tensor(index, (1,) * (rank - 1))],
                             options(table, outputType=INDEX[index]), version=2)
    for shape in ((0, 3), (3, 0)):
        for axis in (0, 1, 2, -3):
            yield op(name, [tensor('float32', shape), const(np.int32([axis]))], [tensor('int32', (1,))],
                     options(table, outputType=2), version=2)
    for _ in range(20):
        x = r.standard_normal((5, 7, 3))
        x[r.rand(5, 7, 3) < 0.5] = np.nan
        yield op(name, [tensor('float32', x.shape, values=x), const(np.int32([1]))], [tensor('int32', (5, 3))],
                 options(table, outputType=2), version=2)
    for h, w in ((13, 17), (65, 65)):
        for dtype in ('uint8', 'int8', 'float32'):
            yield op(name, [tensor(dtype, (1, h, w, 21)), const(np.int32(3))], [tensor('int32', (1, h, w))],
                     options(table, outputType=2), version=2)
