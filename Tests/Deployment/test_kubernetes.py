"""The manifests by the schemas of Kubernetes, and what the schemas do not know."""

import re
import subprocess

import kubernetes_validate
import pytest
import yaml

VERSION = "1.31"


@pytest.fixture(scope="module")
def folder(deploy):
    return deploy / "kubernetes"


@pytest.fixture(scope="module")
def kustomization(folder):
    return yaml.safe_load((folder / "kustomization.yaml").read_text())


@pytest.fixture(scope="module")
def manifests(folder, kustomization) -> list[dict]:
    return [item for file in kustomization["resources"] for item in yaml.safe_load_all((folder / file).read_text())]


@pytest.fixture(scope="module")
def workloads(manifests) -> dict[str, dict]:
    found = {item["metadata"]["name"]: item for item in manifests if item["kind"] in ("Deployment", "Job")}
    assert set(found) == {"pictor-serve", "pictor-worker", "pictor-migrate"}
    return found


@pytest.fixture(scope="module")
def settings(folder) -> dict[str, str]:
    lines = (folder / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def of_kind(manifests, kind: str) -> dict[str, dict]:
    return {item["metadata"]["name"]: item for item in manifests if item["kind"] == kind}


def pod(workload: dict) -> dict:
    return workload["spec"]["template"]["spec"]


def test_manifests_fit_the_schemas(manifests):
    assert len(manifests) >= 13
    for item in manifests:
        kubernetes_validate.validate(item, VERSION, strict=True)
    wrong = {**manifests[1], "spec": {**manifests[1]["spec"], "replicas": "two"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_every_manifest_is_applied(folder, kustomization):
    others = {"kustomization.yaml", "prometheus-adapter.yaml"}
    assert {file.name for file in folder.glob("*.yaml")} - others == set(kustomization["resources"])


def test_no_manifest_uses_anchors(folder):
    """Kustomize changes what it reads, and an alias would change along."""
    for file in folder.glob("*.yaml"):
        assert not re.search(r": [&*]\w", file.read_text()), file.name


def test_pods_may_nothing_that_they_do_not_need(workloads):
    for name, workload in workloads.items():
        spec = pod(workload)
        assert spec["enableServiceLinks"] is False, name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0, name
        for container in spec["containers"]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"], name


def test_user_is_that_of_the_image(workloads, deploy):
    user = int(re.search(r"^USER (\d+):", (deploy / "Dockerfile").read_text(), re.MULTILINE)[1])
    assert {pod(workload)["securityContext"]["runAsUser"] for workload in workloads.values()} == {user}


def test_data_directory_can_be_written(workloads):
    for name, workload in workloads.items():
        spec = pod(workload)
        mounts = {mount["mountPath"]: mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        assert "emptyDir" in volumes[mounts["/data"]], name
        assert set(mounts.values()) == set(volumes), name


def test_probes_ask_live_and_ready(workloads):
    for name in ("pictor-serve", "pictor-worker"):
        container = pod(workloads[name])["containers"][0]
        ports = {port["name"] for port in container["ports"]}
        for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
            asked = container[f"{probe}Probe"]["httpGet"]
            assert asked["path"] == f"/health/{path}" and asked["port"] in ports, name


def test_time_to_end_covers_running_work(workloads):
    for name in ("pictor-serve", "pictor-worker"):
        assert pod(workloads[name])["terminationGracePeriodSeconds"] >= 45, name


def test_selectors_find_their_pods(manifests, workloads):
    labels = {name: workload["spec"]["template"]["metadata"]["labels"] for name, workload in workloads.items()}

    def found(selector: dict) -> set[str]:
        return {name for name, own in labels.items() if selector.items() <= own.items()}

    assert found(of_kind(manifests, "Service")["pictor"]["spec"]["selector"]) == {"pictor-serve"}
    for kind, path in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        for name, item in of_kind(manifests, kind).items():
            expected = set(workloads) if name == "pictor-out" else {name}
            assert found(item["spec"][path]["matchLabels"]) == expected, name
    for name, item in of_kind(manifests, "HorizontalPodAutoscaler").items():
        assert item["spec"]["scaleTargetRef"]["name"] in workloads, name


def test_autoscaler_asks_for_what_the_adapter_makes_of_a_real_metric(manifests, folder):
    metric = of_kind(manifests, "HorizontalPodAutoscaler")["pictor-worker"]["spec"]["metrics"][0]["external"]["metric"]
    rule = yaml.safe_load((folder / "prometheus-adapter.yaml").read_text())["rules"]["external"][0]
    assert metric["name"] == rule["name"]["as"]
    # test_prometheus.py finds the metric in a running process, through the alerts.
    alerts = (folder.parent / "prometheus/alerts.yml").read_text()
    assert "job_queue_wait_seconds" in rule["metricsQuery"] and "job_queue_wait_seconds" in alerts
    assert "replicas" not in of_kind(manifests, "Deployment")["pictor-worker"]["spec"]


def test_ports_of_the_stores_are_open_to_the_outside(manifests, settings):
    rules = of_kind(manifests, "NetworkPolicy")["pictor-out"]["spec"]["egress"]
    ports = {port["port"] for rule in rules for port in rule["ports"]}
    assert {53, 5432, 6379, 443, int(settings["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])} <= ports


def test_references_have_a_target(manifests, workloads, kustomization):
    maps = {item["name"] for item in kustomization["configMapGenerator"]}
    secrets = {item["name"] for item in kustomization["secretGenerator"]}
    for name, workload in workloads.items():
        spec = pod(workload)
        assert {source["configMapRef"]["name"] for source in spec["containers"][0]["envFrom"]} <= maps, name
        assert {v["secret"]["secretName"] for v in spec["volumes"] if "secret" in v} == secrets, name
        assert spec["containers"][0]["image"] in {image["name"] for image in kustomization["images"]}, name
    backend = of_kind(manifests, "Ingress")["pictor"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    ports = {port["name"] for port in of_kind(manifests, "Service")[backend["name"]]["spec"]["ports"]}
    assert backend["port"]["name"] in ports


def test_program_accepts_the_settings_and_finds_its_secrets(kustomization, settings, deploy, binary, tmp_path):
    secrets = tmp_path / "secrets"
    subprocess.run([deploy / "make-secrets", secrets], check=True, capture_output=True)
    mounted = {file.removeprefix("secrets/") for file in kustomization["secretGenerator"][0]["files"]}
    read = {value.rsplit("/", 1)[1] for value in settings.values() if value.startswith("/run/secrets/pictor/")}
    assert read == mounted
    environment = {name: value.replace("/run/secrets/pictor", str(secrets)) for name, value in settings.items()}
    run = subprocess.run([binary, "config"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and "unknown" not in run.stderr, run.stdout + run.stderr
    names = (deploy.parent / "docs/configuration.md").read_text()
    for variable in settings:
        assert f"`{variable.removesuffix('_FILE')}`" in names, variable
