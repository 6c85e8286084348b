"""Alerts and dashboards against the metrics of running processes, in a Prometheus that scrapes them."""

import json
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from conftest import REPOSITORY
from process import Process, free_port, wait_until
from s3 import S3
from stores import PostgreSQL, Redis

SECRET = "a-secret-for-the-metrics-that-is-long-enough"
PICTURE = REPOSITORY / "Tests/ImagingTests/Fixtures/photo.jpg"


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


class Authorization(BaseHTTPRequestHandler):
    """An authorization service that allows everything."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Topology:
    """One `serve` and one `worker` on PostgreSQL, Redis and S3 with an authorization service; the collector of traces
    is away and the worker's disk too small. The Prometheus of deploy/ looks at them once a second."""

    def __init__(self, folder, deploy, binary, prometheus):
        folder.chmod(0o755)  # PostgreSQL may run as another user
        self.postgresql, self.redis, self.s3 = PostgreSQL(folder), Redis(folder), S3(folder)
        self.authorization = ThreadingHTTPServer(("127.0.0.1", 0), Authorization)
        threading.Thread(target=self.authorization.serve_forever, daemon=True).start()
        self.ports = {"serve": free_port(), "worker": free_port()}
        self.environment = {
            "DATABASE_URL": self.postgresql.url, "REDIS_URL": self.redis.url,
            "AUTH_API_URL": f"http://127.0.0.1:{self.authorization.server_port}",
            "STORAGE_BACKEND": "s3", "AWS_ENDPOINT_URL": self.s3.url,
            "AWS_S3_BUCKET_NAME": self.s3.bucket, "AWS_ACCESS_KEY_ID": self.s3.access_key,
            "AWS_SECRET_ACCESS_KEY": self.s3.secret_key, "AWS_REGION": self.s3.region, "JWT_SECRET_KEY": SECRET,
            "PICTOR_WORKERS_PORT": str(self.ports["worker"]),
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}",
        }  # fmt: skip
        self.serve = self._pictor(folder, binary, "serve", ["--no-workers", "--port", str(self.ports["serve"])])
        self.worker = self._pictor(folder, binary, "worker", [])
        self.upload(binary, folder)
        self.upload(binary, folder)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.prometheus = self._prometheus(folder, deploy, prometheus)

    def _pictor(self, folder, binary, kind, options) -> Process:
        line = [str(binary), kind, "--data", str(folder / f"{kind}-data"), *options]
        # The worker's disk is never large enough: an alert that fires.
        extra = {"PICTOR_DATA_MINIMUM_FREE": "1024TiB"} if kind == "worker" else {}
        process = Process(kind, line, folder, self.environment | extra)
        process.start()
        wait_until(kind, lambda: process.is_running and get(f"http://127.0.0.1:{self.ports[kind]}/health/ready"))
        return process

    def upload(self, binary, folder):
        line = [str(binary), "token", "--sub", "tester"]
        token = subprocess.run(line, env=self.environment, capture_output=True, text=True, cwd=folder, check=True)
        url = f"http://127.0.0.1:{self.ports['serve']}"
        subprocess.run(
            [str(binary), "upload", "--url", url, "--token", token.stdout.strip(), str(PICTURE)],
            env={"HOME": str(folder)}, cwd=folder, check=True, timeout=120, capture_output=True,
        )  # fmt: skip

    def _prometheus(self, folder, deploy, program) -> Process:
        """The configuration of deploy/ with other addresses, and without the patience of the alerts."""
        config = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text())
        # A scrape probes every part; one that is away is told after 2 s, and a scrape that took longer would tell nothing.
        config["global"] = {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"}
        targets = {"pictor": [self.ports["serve"]], "pictor-worker": [self.ports["worker"]]}
        config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] in targets]
        for job in config["scrape_configs"]:
            del job["authorization"]
            job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in targets[job["job_name"]]]}]
        rules = yaml.safe_load((deploy / "prometheus/alerts.yml").read_text())
        for rule in every_rule(rules):
            rule.pop("for", None)
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
        listen = self.url.removeprefix("http://")
        options = {"config.file": folder / "prometheus.yml", "web.listen-address": listen}
        options["storage.tsdb.path"] = folder / "prometheus-data"
        process = Process("prometheus", [program, *(f"--{name}={value}" for name, value in options.items())], folder)
        process.start()
        wait_until("Prometheus", lambda: get(f"{self.url}/-/ready"))
        return process

    def metrics(self) -> set[str]:
        """Names of the metrics of both processes, as queries write them."""
        names = set()
        for port in self.ports.values():
            for line in get(f"http://127.0.0.1:{port}/metrics").decode().splitlines():
                if line.startswith("# TYPE "):
                    _, _, name, kind = line.split()
                    names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
        return names

    def ask(self, query: str) -> list:
        """What Prometheus answers now.

        A query that it cannot parse fails the test.
        """
        try:
            words = urllib.parse.urlencode({"query": query})
            return json.loads(get(f"{self.url}/api/v1/query?{words}"))["data"]["result"]
        except urllib.error.HTTPError as error:
            pytest.fail(f"{query}: {error.read().decode()}")

    def firing(self) -> set[tuple[str, str]]:
        alerts = json.loads(get(f"{self.url}/api/v1/alerts"))["data"]["alerts"]
        return {(a["labels"]["alertname"], a["labels"].get("check", "")) for a in alerts if a["state"] == "firing"}

    def stop(self):
        stores = [self.s3.process, self.redis.process, self.postgresql.process]
        for process in [self.prometheus, self.worker, self.serve, *stores]:
            process.stop()
        self.authorization.shutdown()


@pytest.fixture(scope="module")
def topology(tmp_path_factory, deploy, binary, tool):
    folder = tmp_path_factory.mktemp("prometheus")
    for parent in list(folder.parents)[:2]:
        parent.chmod(0o755)
    topology = Topology(folder, deploy, binary, tool("prometheus", "prometheus"))
    yield topology
    topology.stop()
    shutil.rmtree(folder, ignore_errors=True)


def every_rule(rules: dict) -> list[dict]:
    return [rule for group in rules["groups"] for rule in group["rules"]]


def alert_queries() -> dict[str, str]:
    rules = yaml.safe_load((REPOSITORY / "deploy/prometheus/alerts.yml").read_text())
    return {rule["alert"]: rule["expr"] for rule in every_rule(rules)}


def dashboard_queries() -> dict[str, str]:
    queries = {}
    for file in sorted((REPOSITORY / "deploy/grafana/dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", []):
                queries[f"{panel['title']} {target['refId']}"] = target["expr"]
    return queries


def metric_names(query: str) -> set[str]:
    """Words that stand where PromQL has a metric."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)', " ", query)
    words = re.findall(r"[a-z_:][a-z0-9_:]*(?!\s*\()\b(?!\s*\()", bare)
    return set(words) - {"and", "or", "unless", "offset", "m", "h", "sum", "max", "min", "by"}


# Made only by what this topology does not do, with the reason.
RARE = {
    "up": "Prometheus's own",
    "jobs_dead_total": "a job that was given up",
    "jobs_lost_total": "a process that died",
    "jobs_failed_total": "an attempt that failed",
    "job_breaker_open": "a kind with a breaker",
    "shared_state_degraded_total": "Redis away",
    "meme_pull_items_total": "a pull",
    "meme_queries_total": "a search",
    "meme_rerank_duration_seconds_bucket": "a model that reads hits anew",
    "meme_searches_degraded_total": "a model that is late",
    "model_calls_total": "a remote model",
    "model_call_duration_seconds_bucket": "a remote model",
    "model_cost_total": "a remote model",
    "model_tokens_total": "a remote model",
    "model_waits_total": "a remote model that refuses",
    "embedding_api_errors_total": "a model that fails",
    "translation_fallbacks_total": "a provider that fails",
    "translation_images_total": "a translation",
    "translation_requests_total": "a translation",
    "translation_tasks_total": "a translation",
    "translation_webhooks_total": "a webhook",
    "vector_search_duration_seconds_bucket": "a search",
}


def test_promtool_accepts_the_configuration(tool, deploy, tmp_path):
    promtool = tool("promtool", "prometheus")
    config = (deploy / "prometheus/prometheus.yml").read_text()
    key = tmp_path / "key"
    key.write_text("pk_test")
    assert "/run/secrets/metrics_key" in config
    (tmp_path / "prometheus.yml").write_text(config.replace("/run/secrets/metrics_key", str(key)))
    shutil.copy(deploy / "prometheus/alerts.yml", tmp_path)
    check([promtool, "check", "config", "prometheus.yml"], tmp_path)


def test_every_alert_fires_and_stays_silent_in_promtool(tool, deploy):
    check([tool("promtool", "prometheus"), "test", "rules", "alerts-test.yml"], deploy / "prometheus")
    cases = yaml.safe_load((deploy / "prometheus/alerts-test.yml").read_text())["tests"]
    expected = [(case["alertname"], bool(case["exp_alerts"])) for test in cases for case in test["alert_rule_test"]]
    for alert in alert_queries():
        assert (alert, True) in expected, f"no test in which {alert} fires"
        assert (alert, False) in expected, f"no test in which {alert} is silent"


def test_the_documentation_says_what_to_do_about_every_alert():
    page = (REPOSITORY / "docs/deployment.md").read_text()
    table = page[page.index("| alert | do |") :].split("\n\n")[0]
    assert set(re.findall(r"`(Pictor\w+)`", table)) == set(alert_queries())


def test_every_rare_metric_is_one_of_the_documentation():
    documented = re.findall(r"`([a-z_]+)(?:\{[^`]*)?`", (REPOSITORY / "docs/operations.md").read_text())
    assert {name.removesuffix("_bucket") for name in RARE} - {"up"} <= set(documented)


def check(line, folder):
    run = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_metric_of_alerts_and_dashboards_exists(topology):
    used = {name for query in (alert_queries() | dashboard_queries()).values() for name in metric_names(query)}
    assert len(used) > 30
    missing = used - topology.metrics() - set(RARE)
    assert not missing, f"no process has the metrics {sorted(missing)}"


def test_metrics_of_stores_are_those_of_the_documentation(topology):
    page = (REPOSITORY / "docs/deployment.md").read_text()
    table = page[page.index("| part | metrics |") : page.index("| alert | do |")]
    # Needs an issuer that publishes keys.
    documented = set(re.findall(r"`(\w+)`", table)) - {"jwks_fetches_total"}
    assert len(documented) > 10
    histograms = {name.removesuffix("_bucket") for name in topology.metrics()}
    assert documented <= histograms


def test_dashboards_ask_what_prometheus_can_answer(topology):
    """Each query is answered, and with data wherever the topology has some."""
    queries = {
        name: query.replace("$__rate_interval", "30s").replace("$instance", ".+")
        for name, query in dashboard_queries().items()
    }
    assert not [name for name, query in queries.items() if "$" in query], "a variable that this test does not know"

    def empty() -> list[str]:
        common = {name: query for name, query in queries.items() if not metric_names(query) & set(RARE)}
        return [name for name, query in common.items() if not topology.ask(query)]

    try:
        wait_until("data", lambda: not empty())
    except TimeoutError:
        pytest.fail(f"queries without data: {empty()}")


def test_every_alert_is_a_query_that_prometheus_answers(topology):
    for query in alert_queries().values():
        topology.ask(query)


def test_alerts_fire_for_what_is_wrong_and_only_for_that(topology):
    """The worker's disk is too small and traces are lost; the rest works, until the server is stopped."""
    wrong = {("PictorDiskLow", ""), ("PictorSpansLost", "")}
    wait_until(f"{wrong}", lambda: wrong <= topology.firing())
    serious = {alert for alert in topology.firing() if alert[0] not in ("PictorDiskFills", "PictorSlow")}
    assert serious == wrong
    topology.s3.process.stop()
    wait_until("the storage's alert", lambda: ("PictorPartFails", "storage") in topology.firing())
    topology.serve.stop()
    wait_until("the server's alert", lambda: ("PictorDown", "") in topology.firing())


def test_provisioning_names_what_compose_mounts(deploy):
    sources = yaml.safe_load((deploy / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
    uids = {source["uid"] for source in sources}
    for file in (deploy / "grafana/dashboards").glob("*.json"):
        dashboard = json.loads(file.read_text())
        panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
        assert {panel["datasource"]["uid"] for panel in panels} <= uids
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    provider = yaml.safe_load((deploy / "grafana/provisioning/dashboards/pictor.yml").read_text())["providers"][0]
    compose = (deploy / "compose.yaml").read_text()
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in compose
    assert sources[0]["url"] == "http://prometheus:9090"
