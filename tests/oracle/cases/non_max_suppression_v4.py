"""NON_MAX_SUPPRESSION_V4: boxes far and near, corners in any order, empty boxes, thresholds, room for all, few and none."""
from single_op import const, op, options, tensor
import numpy as np


def cases(r):
    return boxes_cases(r, False)


def boxes_cases(r, has_sigma):
    for count in (0, 1, 2, 7, 40, 300):
        for spread in (0.2, 1.0, 6.0):
            for _ in range(5):
                corners = r.uniform(0, spread, (count, 2))
                sizes = r.uniform(-1, 1, (count, 2)) * (r.rand(count, 1) > 0.1)
                boxes = np.concatenate([corners, corners + sizes], 1).astype(np.float32)
                scores = r.permutation(count).astype(np.float32) / max(count, 1)  # no two alike: their order is not defined
                most = int(r.choice([0, 1, 3, 50]))
                scalars = [const(np.array(most, np.int32)), const(np.float32(r.choice([0.0, 0.3, 0.5, 1.0]))),
                           const(np.float32(r.choice([0.0, 0.2, 0.9])))]
                if has_sigma:
                    scalars.append(const(np.float32(r.choice([0.0, 0.1, 0.5, 2.0]))))
                outputs = [tensor('int32', (most,))] + ([tensor('float32', (most,))] if has_sigma else []) + [tensor('int32', ())]
                version = 5 if has_sigma else 4
                inputs = [tensor('float32', (count, 4), values=boxes), tensor('float32', (count,), values=scores)]
                yield op(f'NON_MAX_SUPPRESSION_V{version}', inputs + scalars, outputs, options(f'NonMaxSuppressionV{version}Options'))
