"""ADD: types, broadcasting, activations, scales far apart, power-of-two int16."""
from cases import _sum


def cases(r):
    yield from _sum.cases(r, 'ADD', 'AddOptions')
