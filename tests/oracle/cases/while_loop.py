"""WHILE: loops of no, one and many rounds over floats and integers, states of several shapes, one that goes through untouched."""
from single_op import const, op, options, tensor
from small_graph import SmallGraph
import numpy as np


def cases(r):
    for dtype in ('float32', 'int32', 'int64'):
        for rounds in (0, 1, 7):
            for shape in ((), (1,), (2, 3), (1, 4, 5, 2)):
                yield one(dtype, rounds, shape)


def one(dtype, rounds, shape):
    """for (i = 0; i < rounds; ++i) x = x * 2 - kept"""
    number = lambda: tensor('int32', ())
    condition, body = SmallGraph(), SmallGraph()
    i = condition.input(number())
    condition.input(tensor(dtype, shape)), condition.input(tensor(dtype, shape))
    condition.output(condition.node('LESS', [i, const(np.int32(rounds))], tensor('bool', ()), options('LessOptions')))
    i, x, kept = body.input(number()), body.input(tensor(dtype, shape)), body.input(tensor(dtype, shape))
    body.output(body.node('ADD', [i, const(np.int32(1))], number(), options('AddOptions')))
    doubled = body.node('ADD', [x, x], tensor(dtype, shape), options('AddOptions'))
    body.output(body.node('SUB', [doubled, kept], tensor(dtype, shape), options('SubOptions')))
    body.output(kept)
    inputs = [tensor('int32', (), values=np.int32([0])), tensor(dtype, shape), tensor(dtype, shape)]
    return op('WHILE', inputs, [number(), tensor(dtype, shape), tensor(dtype, shape)],
              options('WhileOptions', condSubgraphIndex=1, bodySubgraphIndex=2), graphs=[condition, body])
