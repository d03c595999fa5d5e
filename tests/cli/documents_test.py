"""What texts name exists: verbs, rewrites, targets, files that documents link to."""
import re

import pytest
from conftest import ROOT

DOCUMENTS = [ROOT / 'README.md', ROOT / 'CONTRIBUTING.md', *sorted((ROOT / 'docs').rglob('*.md'))]
SOURCES = [f for folder in ('src', 'cli', 'train') for f in sorted((ROOT / folder).rglob('*.cpp'))]
REWRITES = re.findall(r'^REWRITE\((\w+)\)', (ROOT / 'src/legalize/all.inc').read_text(), re.M)


@pytest.fixture(scope='module')
def verbs(monolite):
    # A verb's line of the overview starts with two spaces and its name.
    return set(re.findall(r'^  ([a-z]+)\b', monolite('--help').stdout, re.M))


def test_every_verb_that_a_text_names_exists(verbs):
    assert {'check', 'legalize', 'run'} <= verbs
    wrong = []
    for file in DOCUMENTS + SOURCES:
        for quoted in re.findall(r'[`"]monolite ([a-z]+)', file.read_text()):
            if quoted not in verbs:
                wrong.append(f'{file.relative_to(ROOT)}: monolite {quoted}')
    assert not wrong, wrong


def test_every_rewrite_has_its_page_and_every_page_its_rewrite():
    pages = {f.stem for f in (ROOT / 'docs/rewrites').glob('*.md')} - {'README'}
    files = {f.stem for f in (ROOT / 'src/legalize').glob('*.cpp')}
    names = {name for rewrite in REWRITES for name in files if rewrite == name or rewrite.startswith(name + '_')}
    assert len(REWRITES) > 20 and pages == names


def test_every_target_has_its_page(monolite):
    listed = monolite('check', '--target', 'nothing-of-the-kind', 'x.tflite')
    names = re.findall(r'\b(?:nnapi|xnnpack|gpu|edgetpu|ethos-u\d\d|openvino|vx|hexagon|coreml)\b', listed.stderr)
    assert len(set(names)) >= 9, listed.stderr
    for name in names:
        page = re.sub(r'(?<=-u)\d\d', '', name)
        assert (ROOT / f'docs/targets/{page}.md').exists(), name


def test_what_documents_link_to_exists():
    broken = []
    for file in DOCUMENTS:
        for link in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', file.read_text()):
            if '://' not in link and not (file.parent / link).exists():
                broken.append(f'{file.relative_to(ROOT)} -> {link}')
    assert not broken, broken

