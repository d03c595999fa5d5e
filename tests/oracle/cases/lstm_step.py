"""LSTM: single steps of the full kernel."""
from cases._lstm import lstm_cases


def cases(r):
    yield from lstm_cases(r, 'LSTM', False)
