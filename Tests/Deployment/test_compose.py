"""compose.yaml without a container engine: its shape, its settings by the program itself, its files and secrets."""

import re
import subprocess

import pytest
import yaml


@pytest.fixture(scope="module")
def compose(deploy):
    return yaml.safe_load((deploy / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def example(deploy) -> dict[str, str]:
    return dict(re.findall(r"^(?:# )?([A-Z0-9_]+)=(.*)$", (deploy / ".env.example").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def secrets(deploy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets") / "secrets"
    subprocess.run([deploy / "make-secrets", folder], check=True, capture_output=True)
    return folder


def services_of(compose, image: str) -> dict:
    return {name: service for name, service in compose["services"].items() if service["image"].startswith(image)}


def expanded(value, variables: dict[str, str]) -> str:
    """${NAME:-standard} and ${NAME:?problem} as Compose reads them."""
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: variables.get(found[1]) or found[2] or "", str(value))


def test_there_is_everything_of_the_topology(compose):
    kinds = [" ".join(service.get("command", [])) for service in services_of(compose, "pictor").values()]
    assert sorted(kinds) == ["migrate", "serve --no-workers", "serve --no-workers", "worker", "worker"]
    images = {service["image"].split(":")[0].split("/")[-1] for service in compose["services"].values()}
    assert images == {"pictor", "caddy", "pgvector", "redis", "seaweedfs", "prometheus", "grafana"}


def test_images_have_plain_names_and_a_version(compose):
    for name, service in compose["services"].items():
        image, _, version = service["image"].partition(":")
        assert "." not in image.split("/")[0], f"{name} names a registry"
        assert version == "local" or re.match(r"(v|pg)?\d", version), f"{name} has no version"


def test_services_come_back_and_say_whether_they_work(compose):
    for name, service in compose["services"].items():
        once = service.get("restart", "").startswith("on-failure")
        assert once or service["restart"] == "unless-stopped", name
        from_image = service["image"].startswith("pictor")
        assert once or from_image or service["healthcheck"]["test"], name


def test_services_wait_for_what_they_need(compose):
    for name, service in compose["services"].items():
        for other, how in service.get("depends_on", {}).items():
            needed = compose["services"][other]
            ends = needed["restart"].startswith("on-failure")
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), (name, other)


def test_program_accepts_the_settings(compose, example, secrets, binary, tmp_path):
    """`pictor config` ends with 78 for an unknown variable or a wrong value."""
    for name, service in services_of(compose, "pictor").items():
        environment = {key: expanded(value, example) for key, value in service["environment"].items()}
        environment = {key: value.replace("/run/secrets", str(secrets)) for key, value in environment.items()}
        run = config(binary, environment, tmp_path)
        assert run.returncode == 0, f"{name}: {run.stdout}{run.stderr}"
        assert "unknown" not in run.stderr, f"{name}: {run.stderr}"
    environment["PICTOR_SERVR_PORT"] = "1"
    assert config(binary, environment, tmp_path).returncode == 78


def config(binary, environment: dict[str, str], folder) -> subprocess.CompletedProcess:
    line = [binary, "config"]
    return subprocess.run(line, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)


def test_settings_are_those_of_the_documentation(compose, deploy):
    table = (deploy.parent / "docs/configuration.md").read_text()
    for name, service in services_of(compose, "pictor").items():
        for variable in service["environment"]:
            assert f"`{variable.removesuffix('_FILE')}`" in table, f"{name}: {variable}"


def test_example_names_every_variable_and_no_other(deploy, example):
    """Of compose.yaml; what is left in the example would do nothing."""
    text = (deploy / "compose.yaml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(example)


def test_secrets_are_files_that_make_secrets_makes(compose, secrets, deploy):
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}
    assert set(before) == set(compose["secrets"])
    for name, secret in compose["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])
    for name, service in compose["services"].items():
        for word in re.findall(r"/run/secrets/([\w.]+)", str(service)):
            assert word in service["secrets"], f"{name} reads the secret {word} that it is not given"
    assert secrets.stat().st_mode & 0o777 == 0o700
    subprocess.run([deploy / "make-secrets", secrets], check=True, capture_output=True)
    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before, "secrets must not change"
    assert before["postgres_password"] in before["database_url"]
    assert before["s3_secret_key"] in before["s3.json"]


def test_no_secret_stands_in_the_files(compose):
    for name, service in compose["services"].items():
        for variable in service.get("environment", {}):
            if re.search(r"PASSWORD|SECRET|TOKEN|_URL$", variable):
                public = variable in ("PICTOR_SERVER_PUBLIC_URL", "AWS_ENDPOINT_URL")
                assert public or variable.endswith("_FILE"), f"{name}: {variable}"


def test_mounted_files_exist(compose, deploy):
    named = set()
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (deploy / source).exists(), f"{name}: {source}"
            elif not source.startswith("/"):
                named.add(source)
    assert named == set(compose["volumes"])


def test_prometheus_scrapes_every_process(compose, deploy):
    config = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text())
    targets = [t for job in config["scrape_configs"] for group in job["static_configs"] for t in group["targets"]]
    running = [name for name, service in services_of(compose, "pictor").items() if service["command"] != ["migrate"]]
    assert {f"{name}:8080" for name in running} <= set(targets)
    assert len(targets) == len(running) + 1
    upstreams = compose["services"]["caddy"]["environment"]["PICTOR_UPSTREAMS"].split()
    assert upstreams == [f"{name}:8080" for name in running if name.startswith("serve")]


def test_caddy_gets_what_its_file_reads(compose, deploy):
    text = (deploy / "caddy/balancer.Caddyfile").read_text()
    assert set(re.findall(r"\{\$(\w+)\}", text)) == set(compose["services"]["caddy"]["environment"])


def test_redis_refuses_rather_than_drops_locks(compose):
    command = " ".join(compose["services"]["redis"]["command"])
    assert "--maxmemory " in command
    assert "--maxmemory-policy noeviction" in command


def test_proxies_are_trusted_by_their_network(compose):
    subnet = compose["networks"]["front"]["ipam"]["config"][0]["subnet"]
    for service in services_of(compose, "pictor").values():
        assert service["environment"]["PICTOR_SERVER_TRUSTED_PROXIES"] == subnet
