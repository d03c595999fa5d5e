"""`check` beside what real delegates answered, and beside those that run here.

Recorded: ../shared/delegates (XNNPACK, the GPU analyzer, vela, OpenVINO, Coral's compiled files, NNAPI plans).
Run here: XNNPACK inside of LiteRT, on whole models and on single ops; and the NNAPI rules as a program on models changed at random.
"""
import collections
import importlib
import json
import lzma
import pathlib
import random
import subprocess
import sys
import zlib

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from conftest import SHARED

# Two files where the GPU analyzer, which looks at the file alone, differs from the delegate: docs/targets/gpu.md.
ANALYZER_DIFFERS = {'detection/edgetpu_compiled.tflite', 'mlperf/mobilenet_edgetpu_224_1.0_uint8.tflite'}


def load(name):
    path = SHARED / 'delegates' / name
    return json.loads(path.read_text()) if path.exists() else {}


def recorded():
    """(model, target, partitions or None, ops on the CPU)"""
    cases = []
    for model, answers in load('oracle.json').items():
        for key, target in [('xnnpack', 'xnnpack'), ('gpu', 'gpu'), ('ethos-u55-256', 'ethos-u55'), ('ethos-u85-256', 'ethos-u85'),
                            ('openvino', 'openvino'), ('edgetpu', 'edgetpu')]:
            answer = answers.get(key, {})
            if 'cpu_ops' not in answer or (key == 'gpu' and model in ANALYZER_DIFFERS):
                continue
            ops = [op if isinstance(op, str) else op[1] for op in answer['cpu_ops']]
            cases.append((model, target, None if key == 'gpu' else answer.get('partitions'), ops))
    for model, plans in load('nnapi_expected.json').get('models', {}).items():
        for plan in plans.values():
            if not isinstance(plan, dict) or 'plan' not in plan:
                continue
            target = f'nnapi-{plan["level"]}' + ('' if plan['accelerator_specified'] else '-cpu')
            cases.append((model, target, plan['partitions'], [step['op'] for step in plan['plan'] if 'op' in step]))
    return cases


def ask(monolite, model, *targets):
    flags = [word for t in targets for word in ('--target', t)]
    run = monolite('check', model, '--json', *flags)
    assert run.returncode in (0, 1), run.stderr
    verdicts = json.loads(run.stdout)['targets']
    assert (run.returncode == 0) == all(v['fully_delegated'] for v in verdicts)
    return verdicts


def test_the_records_are_there(shared):
    assert len(recorded()) > 100


@pytest.mark.parametrize('model, target, partitions, on_cpu', recorded(), ids=lambda v: v if isinstance(v, str) else '')
def test_agrees_with_the_delegate(model, target, partitions, on_cpu, monolite, shared):
    verdict, = ask(monolite, shared / 'models' / model, target)
    assert collections.Counter(n['op'] for n in verdict['cpu_nodes']) == collections.Counter(on_cpu)
    assert all(r['message'] for n in verdict['cpu_nodes'] for r in n['reasons']) and \
        all(n['reasons'] for n in verdict['cpu_nodes'])
    if partitions is not None:
        assert verdict['partitions'] == partitions
    shown = [i for s in verdict['segments'] for i in s['nodes']]
    assert sorted(shown) == list(range(len(shown)))


def test_gives_the_published_split(monolite, shared):
    run = monolite('check', shared / 'models/coral/deeplabv3_mnv2_pascal_quant.tflite', '--target', 'nnapi')
    assert run.returncode == 1
    assert '[62 nodes] AVERAGE_POOL_2D [1 node] RESIZE_BILINEAR [4 nodes] RESIZE_BILINEAR RESIZE_BILINEAR ARG_MAX' in run.stdout


def files():
    return sorted(SHARED.glob('models/*/*.tflite')) + sorted(SHARED.glob('fixtures/*/*.tflite')) + \
        sorted(SHARED.glob('fixtures/*/*.tflite.xz'))


def unpacked(file, folder):
    if file.suffix != '.xz':
        return file
    plain = folder / file.stem
    plain.write_bytes(lzma.open(file).read())
    return plain


XNNPACK = '''
import json, sys
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
ops = interpreter._get_ops_details()
own = [o for o in ops if o['op_name'] != 'DELEGATE']
makers = {int(t): o for o in own for t in o['outputs']}
taken, sizes = set(), []
for delegate in (o for o in ops if o['op_name'] == 'DELEGATE'):
    stop, todo, mine = set(map(int, delegate['inputs'])), list(map(int, delegate['outputs'])), set()
    while todo:
        maker = makers.get(todo.pop())
        if maker is not None and maker['index'] not in mine:
            mine.add(maker['index'])
            todo += [int(t) for t in maker['inputs'] if int(t) >= 0 and int(t) not in stop]
    taken |= mine
    sizes.append(len(mine))
print(json.dumps([sorted(int(o['index']) for o in own if o['index'] not in taken), sizes]))
'''


@pytest.mark.parametrize('file', files(), ids=lambda f: f'{f.parent.name}/{f.name}')
def test_agrees_with_xnnpack_in_litert(file, monolite, tmp_path):
    model = unpacked(file, tmp_path)
    run = subprocess.run([sys.executable, '-c', XNNPACK, str(model)], capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip('LiteRT cannot prepare this file: ' + run.stderr.strip().splitlines()[-1][:200])
    on_cpu, sizes = json.loads(run.stdout.strip().splitlines()[-1])
    verdict, = ask(monolite, model, 'xnnpack')
    assert [n['index'] for n in verdict['cpu_nodes']] == on_cpu
    assert [len(s['nodes']) for s in verdict['segments'] if s['kind'] == 'delegate'] == sizes


# One process for an op's cases: LiteRT itself crashes on some, and what it said before still counts.
TAKES = '''
import sys
from ai_edge_litert.interpreter import Interpreter
for path in sys.argv[1:]:
    try:
        interpreter = Interpreter(model_path=path, num_threads=1)
        interpreter.allocate_tensors()
        print(path, any(o['op_name'] == 'DELEGATE' for o in interpreter._get_ops_details()), flush=True)
    except Exception:
        pass
'''
CASES = pathlib.Path(__file__).parent.parent / 'oracle' / 'cases'


@pytest.mark.parametrize('op', sorted(f.stem for f in CASES.glob('*.py') if not f.stem.startswith('_')))
def test_agrees_with_xnnpack_on_single_ops(op, monolite, tmp_path):
    sys.path.insert(0, str(CASES.parent))
    cases = list(importlib.import_module('cases.' + op).cases(np.random.RandomState(zlib.crc32(op.encode()))))
    paths = []
    for i, case in enumerate(random.Random(op).sample(cases, min(5, len(cases)))):
        paths.append(str(tmp_path / f'{i}.tflite'))
        pathlib.Path(paths[-1]).write_bytes(case.model())
    answers = subprocess.run([sys.executable, '-c', TAKES, *paths], capture_output=True, text=True).stdout
    for path, taken in (line.split() for line in answers.splitlines()):
        verdict, = ask(monolite, path, 'xnnpack')
        assert (verdict['partitions'] == 1) == (taken == 'True'), verdict['cpu_nodes']


def changed(model, r):
    """Some versions, options, types, scales and kinds of operators replaced by others."""
    graph = model.subgraphs[0]
    for _ in range(r.randint(5, 40)):
        op, kind = r.choice(graph.operators), r.randint(0, 4)
        tensor = r.choice(graph.tensors)
        if kind == 0:
            r.choice(model.operatorCodes).version = r.randint(1, 7)
        elif kind == 1 and op.builtinOptions is not None:
            for name, value in vars(op.builtinOptions).items():
                if isinstance(value, bool) and r.random() < .5:
                    setattr(op.builtinOptions, name, not value)
                elif isinstance(value, int) and r.random() < .5:
                    setattr(op.builtinOptions, name, r.choice([0, 1]) if name in ('padding', 'mode') else r.choice([0, 1, 2, 3, 17]))
        elif kind == 2 and model.buffers[tensor.buffer].data is None:
            tensor.type = r.choice([0, 1, 2, 3, 4, 6, 9])
        elif kind == 3 and tensor.quantization and tensor.quantization.scale is not None and len(tensor.quantization.scale) == 1:
            tensor.quantization.scale, tensor.quantization.zeroPoint = [r.choice([0., 1e-3, .5, 1.])], [r.choice([0, 3])]
        elif kind == 4:
            code = schema.OperatorCodeT()
            code.builtinCode = r.choice([c for c in range(150) if c not in (32, 51, 127)])
            code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), r.randint(1, 4)
            model.operatorCodes.append(code)
            op.opcodeIndex, op.builtinOptions, op.builtinOptionsType = len(model.operatorCodes) - 1, None, 0
    return model


def changed_file(file, r):
    for _ in range(50):
        builder = flatbuffers.Builder(1024)
        try:
            builder.Finish(changed(schema.ModelT.InitFromPackedBuf(file.read_bytes(), 0), r).Pack(builder), b'TFL3')
        except TypeError:  # a number that the option's type does not hold
            continue
        return bytes(builder.Output())
    raise AssertionError('no change fits the format')


@pytest.mark.parametrize('seed', range(40))
def test_agrees_with_the_nnapi_rules_on_changed_models(seed, monolite, shared, tmp_path):
    sys.path.insert(0, str(shared / 'delegates'))
    nnapi_sim = pytest.importorskip('nnapi_sim')
    r = random.Random(seed)
    file = r.choice(sorted(shared.glob('fixtures/*tiny*/*.tflite')) + sorted(shared.glob('fixtures/*/int8.tflite')))
    path = tmp_path / 'changed.tflite'
    path.write_bytes(changed_file(file, r))
    graph = nnapi_sim.Graph(str(path))
    settings = [(27, True), (28, False), (29, True), (29, False), (30, False), (31, True)]
    verdicts = ask(monolite, path, *(f'nnapi-{level}' + ('' if accelerator else '-cpu') for level, accelerator in settings))
    of_the_graph = {'dynamic_shape', 'partition_limit'}
    for (level, accelerator), verdict in zip(settings, verdicts):
        refused = {n['index'] for n in verdict['cpu_nodes'] if {x['code'] for x in n['reasons']} - of_the_graph}
        for node in graph.nodes:
            try:
                expected = nnapi_sim.check(node, level, accelerator)
            except Exception:  # the program does not cope with nodes that lack inputs or options
                continue
            if expected != ["operator not in this simulator's list"]:
                assert (node.i in refused) == bool(expected), (level, accelerator, node.i, node.name, expected)
