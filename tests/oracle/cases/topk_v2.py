"""TOPK_V2: types, ranks, ties, NaNs, k of both types (0, all, one too many, negative), indices of both types, late k."""
from cases._shapes import QUANTIZED, shape_of
from single_op import const, op, tensor
import numpy as np


def cases(r):
    for dtype in ('float32', 'uint8', 'int8', 'int16', 'int32', 'int64'):
        for index in ('int32', 'int16'):
            for rank in (1, 2, 3):
                for _ in range(6):
                    shape = shape_of(r, rank - 1) + (int(r.choice([1, 2, 5, 17, 100])),)
                    k = int(r.choice([0, 1, shape[-1] // 2, shape[-1], shape[-1] + 1, -1], p=[0.1, 0.2, 0.3, 0.3, 0.05, 0.05]))
                    kind = str(r.choice(['int32', 'int16']))
                    count = const(np.array(k, kind)) if r.rand() < 0.8 else tensor(kind, (1,), values=np.array([k]))
                    x = tensor(dtype, shape, QUANTIZED.get(dtype), values=(0, int(r.choice([2, 100]))))
                    if dtype == 'float32' and r.rand() < 0.3:
                        values = r.standard_normal(shape).astype(np.float32)
                        values[r.rand(*shape) < 0.3] = np.nan
                        x = tensor(dtype, shape, values=values)
                    yield op('TOPK_V2', [x, count], [tensor(dtype, (1,), QUANTIZED.get(dtype)), tensor(index, (1,))], version=3)
