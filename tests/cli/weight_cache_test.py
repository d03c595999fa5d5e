"""--weight_cache_file_path: packed weights that the next process finds."""
import subprocess

import numpy as np
import pytest

MODEL = 'models/mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'


@pytest.fixture
def run(monolite, shared, tmp_path):
    """run(cache) gives the model's output on a fixed picture, with a cache or without."""
    picture = tmp_path / 'x.npy'
    np.save(picture, np.random.RandomState(0).randint(0, 256, (1, 224, 224, 3)).astype(np.uint8))

    def run(cache=None):
        more = [f'--weight_cache_file_path={cache}'] if cache else []
        done = monolite('run', shared / MODEL, '--input', picture, '--dump-outputs', tmp_path / 'out', *more)
        assert done.returncode == 0, done.stderr
        return np.load(tmp_path / 'out' / '0.npy')
    return run


def test_run_gives_the_same_with_it_and_writes_it_once(run, tmp_path):
    cache, want = tmp_path / 'weights.cache', run()
    np.testing.assert_array_equal(run(cache), want)
    written = cache.stat().st_mtime_ns
    np.testing.assert_array_equal(run(cache), want)
    assert cache.stat().st_mtime_ns == written
    cache.write_bytes(cache.read_bytes()[:-1000])  # cut: made again
    np.testing.assert_array_equal(run(cache), want)
    np.testing.assert_array_equal(run(cache), want)


def test_bench_takes_it_under_both_names(monolite, shared, tmp_path):
    cache = tmp_path / 'weights.cache'
    for flag in ('--weight_cache_file_path', '--xnnpack_weight_cache_file_path'):
        done = monolite('bench', f'--graph={shared / MODEL}', '--num_runs=1', '--min_secs=0', '--warmup_min_secs=0', f'{flag}={cache}')
        assert done.returncode == 0, done.stderr
        assert cache.stat().st_size > 1 << 20
        cache.unlink()


def test_several_processes_may_make_it_at_once(binaries, shared, tmp_path):
    cache = tmp_path / 'weights.cache'
    command = [str(binaries / 'monolite'), 'bench', f'--graph={shared / MODEL}', '--num_runs=1', '--min_secs=0', '--warmup_min_secs=0',
               f'--weight_cache_file_path={cache}', '--quiet']
    for process in [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(4)]:
        assert process.wait() == 0, process.stderr.read()
        process.stderr.close()
    assert [p.name for p in tmp_path.iterdir()] == ['weights.cache']


def test_another_file_is_not_written_over(monolite, shared, tmp_path):
    other = tmp_path / 'notes.txt'
    other.write_text('keep this, please')
    done = monolite('bench', f'--graph={shared / MODEL}', f'--weight_cache_file_path={other}')
    assert done.returncode == 3
    assert 'no cache of packed weights' in done.stderr and 'not written over' in done.stderr
    assert other.read_text() == 'keep this, please'
