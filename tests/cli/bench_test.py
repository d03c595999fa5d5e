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


DEEPLAB = 'models/coral/deeplabv3_mnv2_pascal_quant.tflite'
ONCE = ['--num_runs=3', '--min_secs=0', '--warmup_runs=1', '--warmup_min_secs=0']


def profile_rows(text):
    """(type, the name's [...]:number and what follows) of the run order."""
    order = text.split(' Run Order ', 1)[1].split('\n\n', 1)[0].splitlines()[2:]
    return [(row.split()[0], row[row.index('['):]) for row in order]


def test_simulated_delegate_is_shown_as_the_published_profile(monolite, shared):
    done = monolite('bench', f'--graph={shared / DEEPLAB}', '--use_nnapi=1', '--enable_op_profiling=true', *ONCE)
    assert done.returncode == 0, done.stderr
    rows = profile_rows(done.stdout)
    assert [row[0] for row in rows] == ['TfLiteNnapiDelegate', 'AVERAGE_POOL_2D', 'TfLiteNnapiDelegate', 'RESIZE_BILINEAR',
                                        'TfLiteNnapiDelegate', 'RESIZE_BILINEAR', 'RESIZE_BILINEAR', 'ARG_MAX']
    # partitions are numbered on behind the 72 nodes, and named by all that leaves them
    assert [row[1].rsplit(']:', 1)[1] for row in rows] == [f'{n} (simulated)' for n in (72, 61, 73, 64, 74, 69, 70, 71)]
    assert rows[0][1].startswith('[MobilenetV2/expanded_conv_16/project/add_fold;') and ', aspp0/Relu;' in rows[0][1]
    assert 'nnapi-29-cpu (simulated): 67 of 72 nodes in 3 partitions' in done.stdout


def test_simulated_profile_reads_as_a_devices_log(monolite, shared, tmp_path):
    done = monolite('bench', f'--graph={shared / DEEPLAB}', '--use_nnapi=1', '--enable_op_profiling=true', *ONCE)
    log = tmp_path / 'log.txt'
    log.write_text(done.stdout)
    checked = monolite('check', shared / DEEPLAB, '--target', 'nnapi-29-cpu', '--observed', log)
    assert 'the device did as predicted' in checked.stdout, checked.stdout + checked.stderr


@pytest.mark.parametrize('target', ['nnapi-29-cpu', 'nnapi-29', 'gpu', 'ethos-u55', 'xnnpack', 'coreml', 'openvino'])
def test_segments_are_those_of_check(monolite, shared, target):
    done = monolite('bench', f'--graph={shared / DEEPLAB}', f'--simulate_delegate={target}', '--enable_op_profiling', '--json', *ONCE)
    assert done.returncode == 0, done.stderr
    r = json.loads(done.stdout)
    checked = json.loads(monolite('check', shared / DEEPLAB, '--target', target, '--json').stdout)['targets'][0]
    assert r['simulated_delegate'] == target and all(op['simulated'] for op in r['ops'])
    assert [(s['kind'], s['nodes']) for s in r['segments']] == [(s['kind'], s['nodes']) for s in checked['segments']]
    total = r['inference_ms']['avg']
    assert abs(sum(s['avg_ms'] for s in r['segments']) - total) <= 0.02 * total + 0.05
    assert abs(sum(op['avg_ms'] for op in r['ops']) - total) <= 0.02 * total + 0.05


def test_simulating_changes_no_bit(monolite, shared, tmp_path):
    outputs = []
    for i, flags in enumerate([[], ['--simulate_delegate=nnapi-29-cpu'], ['--simulate_delegate=coreml']]):
        out = tmp_path / f'{i}.raw'
        assert monolite('bench', f'--graph={shared / DEEPLAB}', f'--output_filepath={out}', *ONCE, *flags).returncode == 0
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2] and len(set(outputs[0])) > 1


@pytest.mark.parametrize('flags, target', [
    (['--use_nnapi=1', '--disable_nnapi_cpu=true'], 'nnapi-29'), (['--use_nnapi=1', '--nnapi_accelerator_name=dsp'], 'nnapi-29'),
    (['--use_nnapi=1'], 'nnapi-29-cpu'), (['--use_nnapi=false'], ''), (['--disable_nnapi_cpu=true'], ''), (['--use_gpu=1'], 'gpu'),
    (['--use_hexagon=true'], 'hexagon'), (['--use_coreml'], 'coreml'), (['--external_delegate_path=/usr/lib/libvx_delegate.so'], 'vx'),
    (['--external_delegate_path=/usr/lib/libunknown.so'], '')])
def test_flags_of_delegates(monolite, shared, flags, target):
    done = monolite('bench', f'--graph={shared / MODEL}', '--json', *ONCE, *flags)
    assert done.returncode == 0, done.stderr
    r = json.loads(done.stdout)
    assert r['simulated_delegate'] == target and bool(r['segments']) == bool(target)
    assert ('no delegate runs here' in done.stderr) == ('unknown' in flags[0])


@pytest.mark.parametrize('flags, words', [(['--use_gpu', '--use_nnapi'], 'nnapi-29-cpu and gpu'),
                                          (['--simulate_delegate=nnapj'], 'did you mean nnapi?')])
def test_wrong_delegates_are_wrong_usage(monolite, shared, flags, words):
    done = monolite('bench', f'--graph={shared / MODEL}', *flags)
    assert done.returncode == 2 and words in done.stderr


def test_random_indices_stay_within_their_tables(monolite, shared):
    """MobileBERT looks its inputs up in tables, of which one has two rows."""
    done = monolite('bench', f'--graph={shared / "fixtures/mobilebert_small/int8.tflite"}', '--num_runs=1', '--min_secs=0', '--warmup_min_secs=0')
    assert done.returncode == 0, done.stderr
