"""What the Python tests share: the built program, and the real models and pictures beside the checkout."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get('MONOLITE_SHARED', ROOT.parent / 'shared'))


@pytest.fixture(scope='session')
def binaries():
    """The folder of the built programs."""
    return pathlib.Path(os.environ.get('MONOLITE_BIN', ROOT / 'build' / 'bin'))


@pytest.fixture(scope='session')
def monolite(binaries):
    """monolite('inspect', file, …) runs the program; the result has returncode, stdout and stderr."""
    def run(*args, **more):
        return subprocess.run([str(binaries / 'monolite'), *map(str, args)], capture_output=True, text=True, timeout=300, **more)
    return run


@pytest.fixture(scope='session')
def shared():
    """The folder with real models, data and pictures; tests that want it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f'{SHARED} is absent: no real models to test with')
    return SHARED
