"""Command lines as published pages have them work here with only the program's name and the paths changed."""
import lzma
import re
import shlex

import pytest

VERBS = {'export_model.py': ['export'], 'convert_to_tflite.py': ['convert'], 'tflite_convert': ['convert'], 'benchmark_model': ['bench']}
COMMAND = re.compile(r'\b(' + '|'.join(map(re.escape, VERBS)) + r')((?:\s+--\w+(?:[= ][^\s,]+(?:,[^\s,]+)*)?)+)')
QUICK = ['--num_runs=1', '--min_secs=0', '--warmup_runs=0']  # the published loop lasts seconds


def commands(shared, *programs):
    """(program, its arguments) of every such line of the pages."""
    found = []
    for page in sorted((shared / 'seeds').glob('*.txt')):
        text = re.sub(r'\\\n\s*', ' ', page.read_text().replace('<model dir>', 'model'))
        found += [(m[1], shlex.split(m[2])) for m in COMMAND.finditer(text) if m[1] in programs]
    return found


def with_paths(arguments, paths):
    """The arguments with each path flag's value replaced, in either spelling: --flag=value, --flag value."""
    result, name = [], None
    for a in arguments:
        if name in paths and not a.startswith('--'):
            a = str(paths[name])
        flag, equals, _ = a.partition('=')
        name = flag.removeprefix('--') if flag.startswith('--') else None
        result.append(f'{flag}={paths[name]}' if equals and name in paths else a)
    return result


def test_export_and_convert_to_tflite(monolite, shared, tmp_path):
    paths = {'checkpoint_path': shared / 'fixtures/deeplab_dm10_qat/model.ckpt-30000', 'export_path': tmp_path / 'frozen.pb',
             'quantized_graph_def_path': tmp_path / 'frozen.pb', 'output_tflite_path': tmp_path / 'model.tflite',
             'test_image_path': shared / 'images/cat.jpg'}
    seen = commands(shared, 'export_model.py', 'convert_to_tflite.py')
    assert [p for p, _ in seen].count('export_model.py') >= 5 and [p for p, _ in seen].count('convert_to_tflite.py') >= 1
    for program, arguments in seen:
        written = paths['export_path' if program == 'export_model.py' else 'output_tflite_path']
        written.unlink(missing_ok=True)
        done = monolite(*VERBS[program], *with_paths(arguments, paths))
        assert done.returncode == 0 and written.stat().st_size > 1e6, (arguments, done.stderr)


def test_tflite_convert(monolite, shared, tmp_path):
    seen = [a for _, a in commands(shared, 'tflite_convert')]
    assert len(seen) >= 3
    for arguments in seen:
        graph, model = tmp_path / 'graph.pb', tmp_path / 'model.tflite'
        if '--allow_custom_ops' in arguments:
            kind = 'qat' if '--inference_type=QUANTIZED_UINT8' in arguments else 'float'
            graph.write_bytes(lzma.open(shared / f'fixtures/ssd_mobilenet_v2_300_{kind}/tflite_graph.pb.xz').read())
        else:
            graph.write_bytes((shared / 'fixtures/deeplab_dm10_float/frozen_inference_graph.pb').read_bytes())
        model.unlink(missing_ok=True)
        done = monolite('convert', *with_paths(arguments, {'graph_def_file': graph, 'output_file': model}))
        assert done.returncode == 0 and model.stat().st_size > 1e6, (arguments, done.stderr)


def test_benchmark_model(monolite, shared):
    seen = [a for _, a in commands(shared, 'benchmark_model')]
    assert len(seen) >= 4
    for arguments in seen:
        graph = shared / 'models/coral/deeplabv3_mnv2_pascal_quant.tflite'
        done = monolite('bench', *with_paths(arguments, {'graph': graph}), *QUICK)
        assert done.returncode == 0 and 'Inference timings in us' in done.stdout, (arguments, done.stderr)
        delegated = any(a.startswith(('--use_nnapi', '--external_delegate_path')) for a in arguments)
        assert ('(simulated)' in done.stdout) == delegated, arguments
