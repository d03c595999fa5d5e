"""UNIDIRECTIONAL_SEQUENCE_LSTM: whole sequences, batch first or time first."""
from cases._lstm import lstm_cases


def cases(r):
    yield from lstm_cases(r, 'UNIDIRECTIONAL_SEQUENCE_LSTM', True)
