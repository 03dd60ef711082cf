"""Inputs to begin with, from the fixtures, and what of a minimised corpus is kept.

Usage: seed.py TARGET FOLDER; seed.py --keep FOLDER CORPUS
"""

import hashlib
import shutil
import sys
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
LARGEST = 32 << 10
# A target keeps at most so much: a clone carries it for ever.
KEPT_BYTES, KEPT_FILES = 24_000, 24

REQIF = b"""<?xml version="1.0"?>
<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd" xmlns:x="http://www.w3.org/1999/xhtml"><CORE-CONTENT><REQ-IF-CONTENT>
<SPEC-TYPES><SPEC-OBJECT-TYPE IDENTIFIER="t"><SPEC-ATTRIBUTES>
<ATTRIBUTE-DEFINITION-STRING IDENTIFIER="i" LONG-NAME="ReqIF.ForeignID"/>
<ATTRIBUTE-DEFINITION-STRING IDENTIFIER="n" LONG-NAME="ReqIF.Name"/>
<ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="x" LONG-NAME="ReqIF.Text"/>
</SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE></SPEC-TYPES>
<SPEC-OBJECTS>
<SPEC-OBJECT IDENTIFIER="_1"><VALUES>
<ATTRIBUTE-VALUE-STRING THE-VALUE="Sign &lt;in&gt;"><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>n</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>
</VALUES></SPEC-OBJECT>
<SPEC-OBJECT IDENTIFIER="_2"><VALUES>
<ATTRIBUTE-VALUE-STRING THE-VALUE="R-4"><DEFINITION><ATTRIBUTE-DEFINITION-STRING-REF>i</ATTRIBUTE-DEFINITION-STRING-REF></DEFINITION></ATTRIBUTE-VALUE-STRING>
<ATTRIBUTE-VALUE-XHTML><DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>x</ATTRIBUTE-DEFINITION-XHTML-REF></DEFINITION>
<THE-VALUE><x:div>It <x:b>asks</x:b> &amp; waits.<x:p>Twice.</x:p></x:div></THE-VALUE></ATTRIBUTE-VALUE-XHTML>
</VALUES></SPEC-OBJECT>
</SPEC-OBJECTS>
<SPECIFICATIONS><SPECIFICATION><CHILDREN><SPEC-HIERARCHY><OBJECT><SPEC-OBJECT-REF>_1</SPEC-OBJECT-REF></OBJECT>
<CHILDREN><SPEC-HIERARCHY><OBJECT><SPEC-OBJECT-REF>_2</SPEC-OBJECT-REF></OBJECT></SPEC-HIERARCHY></CHILDREN></SPEC-HIERARCHY></CHILDREN></SPECIFICATION></SPECIFICATIONS>
</REQ-IF-CONTENT></CORE-CONTENT></REQ-IF>
"""


def wanted(target):
    """Yields what is like that which a target gets."""
    files = [path for path in sorted(FIXTURES.rglob("*")) if path.is_file() and path.stat().st_size <= LARGEST]
    below = lambda *names: [path for path in files if any(name in path.relative_to(FIXTURES).as_posix() for name in names)]
    named = {
        "container": below("-container.json"),
        "jest": below("jest-json", "vitest-json"),
        "pytest-json": below("pytest-json"),
        "junit": below("junit"),
        "libtest": below("libtest"),
        "robot": below("robot"),
        "tap": below("tap"),
        "documents": [path for path in files if path.suffix in (".md", ".yaml", ".yml")],
        "markdown": [path for path in files if path.suffix == ".md"],
        "query": [],
        "tallybook": [],
        "shard": [],
        "cases-csv": below("import/plain"),
        "cases-gherkin": [path for path in files if path.suffix == ".feature"],
        "cases-markdown": below("import/markdown"),
        "cases-testrail-csv": below("import/testrail.csv"),
        "cases-testrail-xml": below("import/testrail.xml"),
        "requirements-csv": [],
        "requirements-reqif": [],
    }
    for tool in ("testlink", "testops", "xray", "zephyr-scale", "zephyr-squad"):
        named[f"cases-{tool}"] = below(f"import/{tool}")
    yield from (path.read_bytes() for path in named.get(target, below(f"/{target}/", f"{target}-", f"-{target}", f"/{target}")))
    if target == "query":
        for text in ('status = failed and tag in ("a", "b") order by duration desc limit 3', "not (name ~ /a.*b/ or passRate(30d) < 90%)", "opened > now() - 7d and has defect"):
            yield text.encode()
    if target == "requirements-csv":
        yield b"Key;Summary;Parent key;Owner;URL;Text\nR-1;Sign in;;alice;https://example.com/1;Words.\nR-2;\"Sign\nout\";R-1;;;\nr-1;Again;;;;\n;None;;;;\n"
    if target == "requirements-reqif":
        yield REQIF
    if target == "folder":
        folder = FIXTURES / "ingest" / "allure" / "full"
        yield b"\0".join(path.name.encode() + b"\n" + path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    if target == "archive":
        import io, tarfile, zipfile

        report = b"<testsuite name='a'><testcase name='b' classname='c'/></testsuite>"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/report.xml", report)
        yield packed.getvalue()
        for mode in ("w", "w:gz", "w:xz"):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode=mode) as archive:
                info = tarfile.TarInfo("a/report.xml")
                info.size = len(report)
                archive.addfile(info, io.BytesIO(report))
            yield packed.getvalue()


if sys.argv[1] == "--keep":
    found, corpus = map(Path, sys.argv[2:4])
    files = sorted((path for path in found.iterdir() if path.is_file()), key=lambda path: (path.stat().st_size, path.name))
    corpus.mkdir(parents=True, exist_ok=True)
    # What once made a parser fail has a name, and stays.
    for path in corpus.iterdir():
        if not path.name.startswith("found-"):
            path.unlink()
    # Of all sizes, since what is small reaches less.
    step = max(1, len(files) // KEPT_FILES)
    size = 0
    for path in files[::step][:KEPT_FILES]:
        size += path.stat().st_size
        if size > KEPT_BYTES:
            break
        shutil.copyfile(path, corpus / path.name)
else:
    folder = Path(sys.argv[2])
    for data in wanted(sys.argv[1]):
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
