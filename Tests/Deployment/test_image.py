"""The Dockerfile and the list of run-time packages, by the program that was built and by what the packages ship."""

import re
import subprocess
from fnmatch import fnmatch

import pytest
from conftest import REPOSITORY

# The toolchain's, which the shipped program has inside, and the C library, which every Debian has.
OWN = re.compile(r"/swift/linux/|^linux-vdso|^ld-linux-")
BASE = {"libc6"}
# Certificates, fonts, the data of a language and the programs that translate are no library.
NO_LIBRARY = {
    "apertium", "apertium-eng-spa", "apertium-lex-tools", "ca-certificates", "fonts-dejavu-core", "libvips-tools",
    "tesseract-ocr-eng", "tesseract-ocr-osd",
}
# The release program's own: with Swift's libraries inside, it needs what they were linked with.
OF_SWIFT = {"libgcc-s1", "libstdc++6"}


@pytest.fixture(scope="module")
def listed() -> set[str]:
    setup = (REPOSITORY / "script/setup").read_text()
    return set(re.search(r"runtime_packages=\(([^)]*)\)", setup)[1].split())


def needed(binary) -> dict[str, str]:
    """Libraries that the program itself names, and where the loader finds them."""
    dynamic = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)
    paths = dict(re.findall(r"^\s*(\S+) => (\S+)", loader(binary), re.MULTILINE))
    return {name: paths.get(name, "") for name in names if not OWN.search(paths.get(name, name))}


def loader(binary) -> str:
    return subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout


def owner(path: str) -> str:
    """The package of a library; dpkg knows /lib and /usr/lib as they were before they became one."""
    for spelling in (path, path.removeprefix("/usr"), f"/usr{path}"):
        found = subprocess.run(["dpkg-query", "-S", spelling], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    pytest.fail(f"no package ships {path}")


def linked_by_manifest() -> set[str]:
    """Packages of the libraries that Package.swift links by pkg-config, also where nothing calls them yet."""
    manifest = (REPOSITORY / "Package.swift").read_text()
    packages = set()
    for name in re.findall(r'system\("\w+", "([^"]+)"', manifest):
        flags = subprocess.run(["pkg-config", "--libs-only-l", name], capture_output=True, text=True, check=True)
        for library in re.findall(r"-l(\S+)", flags.stdout):
            packages |= owners_of_library(library)
    return packages


def owners_of_library(library: str) -> set[str]:
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    found = re.findall(rf"^\s*lib{re.escape(library)}\.so\.\S+ .* => (\S+)$", cache, re.MULTILINE)
    return {owner(path) for path in found}


def test_list_ships_every_library_that_the_program_needs(binary, listed):
    assert "not found" not in loader(binary)
    for name, path in needed(binary).items():
        package = owner(path)
        assert package in listed | BASE, f"{name} is shipped by {package}, which script/setup --runtime leaves out"


def test_list_has_nothing_that_the_program_does_not_need(binary, listed):
    used = {owner(path) for path in needed(binary).values()} | linked_by_manifest() | NO_LIBRARY | OF_SWIFT
    assert not listed - used, f"script/setup --runtime installs what nothing links: {sorted(listed - used)}"


def test_certificates_are_there_for_outgoing_calls(listed):
    assert "ca-certificates" in listed


def dockerfile() -> str:
    text = (REPOSITORY / "deploy/Dockerfile").read_text()
    return re.sub(r"\\\n\s*", "", text)


def test_what_is_copied_is_in_the_context():
    ignored = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    sources = re.findall(r"^COPY (?!--from)(\S+) \S+$", dockerfile(), re.MULTILINE)
    assert len(sources) >= 7
    for source in sources:
        assert (REPOSITORY / source).exists(), f"COPY {source}"
        assert not any(fnmatch(source, pattern) for pattern in ignored), f"{source} is in .dockerignore"


def test_build_has_every_folder_that_the_manifest_names():
    copied = set(re.findall(r"^COPY (?!--from)(\S+) \S+$", dockerfile(), re.MULTILINE))
    manifest = (REPOSITORY / "Package.swift").read_text()
    folders = {path.split("/")[0] for path in re.findall(r'path: "([^"]+)"', manifest)}
    assert len(folders) >= 3
    assert folders <= copied
    embedded = (REPOSITORY / "Sources/C/CAssets/CAssets.c").read_text()
    assert {path.split("/")[0] for path in re.findall(r'#embed "\.\./\.\./\.\./([^".][^"]*)"', embedded)} <= copied


def test_steps_are_the_scripts_that_a_machine_runs():
    steps = re.findall(r"^RUN (\S+)", dockerfile(), re.MULTILINE)
    assert [step for step in steps if step.startswith("script/")] == ["script/setup", "script/build", "script/setup"]
    assert "script/build" in (REPOSITORY / "script/server").read_text()


def test_image_runs_as_nobody_special_and_says_whether_it_is_well():
    last = dockerfile().split("FROM ")[-1]
    user = re.search(r"^USER (\d+):(\d+)$", last, re.MULTILINE)
    assert user and "0" not in user.groups()
    assert last.index("\nUSER") < last.index("\nENTRYPOINT")
    for line in ("VOLUME /data", "STOPSIGNAL SIGTERM", 'ENTRYPOINT ["pictor"]', 'CMD ["serve"]'):
        assert f"\n{line}\n" in last
    assert 'CMD ["pictor", "healthcheck"]' in re.search(r"^HEALTHCHECK .*$", last, re.MULTILINE)[0]
    assert "script/setup --runtime" in last
    assert "swift" not in last


def test_settings_of_the_image_are_accepted_with_a_secret_only(binary, tmp_path):
    lines = re.search(r"^ENV (.*)$", dockerfile(), re.MULTILINE)[1].split()
    environment = dict(line.split("=", 1) for line in lines) | {"PICTOR_DATA_DIRECTORY": str(tmp_path)}

    def run(command: str) -> subprocess.CompletedProcess:
        line = [binary, command]
        return subprocess.run(line, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    refused = run("serve")
    assert refused.returncode == 78, refused.stderr
    assert "jwt_secret" in refused.stderr
    environment["JWT_SECRET_KEY"] = "a-secret-for-the-image-that-is-long-enough-0123"
    config = run("config")
    assert config.returncode == 0, config.stderr


@pytest.mark.parametrize("script", sorted(
    str(file.relative_to(REPOSITORY))
    for folder in ("script", "deploy", ".ci")
    for file in (REPOSITORY / folder).rglob("*")
    if file.is_file() and file.open("rb").read(30).startswith(b"#!/usr/bin/env bash")
))  # fmt: skip
def test_scripts_are_without_findings(tool, script):
    line = [tool("shellcheck", "shellcheck"), "-x", script]
    run = subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
