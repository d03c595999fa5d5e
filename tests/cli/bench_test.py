"""The verb bench: benchmark_model's flags, log and profile."""
import json

import numpy as np
import pytest

MODEL = 'models/mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'


def test_json_has_the_contracts_keys(monolite, shared):
    done = monolite('bench', f'--graph={shared / MODEL}', '--num_runs=3', '--min_secs=0', '--enable_op_profiling=true', '--json')
    assert done.returncode == 0, done.stderr
    r = json.loads(done.stdout)
    assert set(r) >= {'model', 'backend', 'num_threads', 'warmup_runs', 'num_runs', 'init_ms', 'first_inference_ms',
                      'inference_ms', 'peak_memory_bytes', 'ops', 'segments'}
    assert set(r['inference_ms']) == {'min', 'median', 'avg', 'max', 'std', 'p90', 'p99'}
    assert r['num_runs'] == 3
    assert set(r['ops'][0]) >= {'index', 'op', 'name', 'first_ms', 'avg_ms', 'percent', 'cdf', 'times_called'}
    assert abs(r['ops'][-1]['cdf'] - 100) < 0.01
    # each node is in one step
    assert sorted(n for op in r['ops'] for n in op['nodes']) == list(range(len({n for op in r['ops'] for n in op['nodes']})))
    assert abs(sum(op['avg_ms'] for op in r['ops']) - r['inference_ms']['avg']) <= 0.02 * r['inference_ms']['avg'] + 0.05


def test_log_reads_as_benchmark_models(monolite, shared):
    done = monolite('bench', f'--graph={shared / MODEL}', '--num_runs=1', '--min_secs=0', '--warmup_min_secs=0',
                    '--enable_op_profiling=true', '--use_xnnpack=true', '--nonsense=1')
    text = done.stdout
    places = [text.index(line) for line in (
        'STARTING!', 'Loaded model', 'Initialized session in', 'Running benchmark for at least', 'count=1 first=',
        'Inference timings in us: Init:', '============================== Run Order ==============================',
        'Top by Computation Time', 'Number of nodes executed:', 'Summary by node type', 'Timings (microseconds): count=', 'nodes observed')]
    assert places == sorted(places)
    assert 'warning: unconsumed flag --nonsense=1' in done.stderr and '--use_xnnpack' in done.stderr


def test_input_files_and_shapes(monolite, shared, tmp_path):
    model = shared / 'models/coral/deeplabv3_mnv2_dm05_pascal_quant.tflite'
    raw = tmp_path / 'x.raw'
    np.zeros((1, 65, 65, 3), np.uint8).tofile(raw)
    common = ['--num_runs=1', '--min_secs=0', '--warmup_runs=0', '--warmup_min_secs=0']
    name = 'MobilenetV2/MobilenetV2/input'
    done = monolite('bench', f'--graph={model}', f'--input_layer_value_files={name}:{raw}', *common)
    assert done.returncode == 3 and 'raw bytes: uint8 of shape 1x513x513x3' in done.stderr
    done = monolite('bench', f'--graph={model}', '--input_layer=MobilenetV2/Mobilenet/input', '--input_layer_shape=1,65,65,3', *common)
    assert done.returncode == 2 and 'did you mean' in done.stderr


@pytest.mark.parametrize('flags', [[], ['--graph'], ['--graph=x', '--input_layer_shape=1,a']])
def test_wrong_usage(monolite, flags):
    assert monolite('bench', *flags).returncode == 2


def test_csv_profile_goes_to_a_file(monolite, shared, tmp_path):
    out = tmp_path / 'profile.csv'
    done = monolite('bench', f'--graph={shared / MODEL}', '--num_runs=1', '--min_secs=0', '--enable_op_profiling=true',
                    f'--profiling_output_csv_file={out}')
    assert done.returncode == 0, done.stderr
    assert 'node type, start, first, avg_ms, %, cdf%, mem KB, times called, name' in out.read_text()
