"""ARG_MIN: the cases that it shares with its twin."""
from cases._arg_cases import arg_cases


def cases(r):
    yield from arg_cases(r, 'ARG_MIN', 'ArgMinOptions')
