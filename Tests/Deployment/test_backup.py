"""Backup and restore of PostgreSQL and S3: back up, lose everything, restore, and the same ids answer."""

import concurrent.futures
import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import REPOSITORY
from process import Process, free_port, wait_until
from s3 import S3
from stores import PostgreSQL

SECRET = "a-secret-for-the-backup-that-is-long-enough-01"
PICTURES = [REPOSITORY / "Tests/ImagingTests/Fixtures" / name for name in ("photo.jpg", "palette.png")]


class Site:
    """A Pictor with a database and a bucket of its own."""

    def __init__(self, folder, binary):
        folder.mkdir()
        folder.chmod(0o755)  # PostgreSQL may run as another user
        self.folder, self.binary = folder, binary
        self.postgresql, self.s3, self.port = PostgreSQL(folder), S3(folder), free_port()
        programs = folder / "programs"
        programs.mkdir()
        (programs / "pictor").symlink_to(binary)
        self.environment = {
            "DATABASE_URL": self.postgresql.url.replace("pictor@", "pictor:p%40ss@"), "STORAGE_BACKEND": "s3",
            "AWS_ENDPOINT_URL": self.s3.url, "AWS_S3_BUCKET_NAME": self.s3.bucket,
            "AWS_ACCESS_KEY_ID": self.s3.access_key, "AWS_SECRET_ACCESS_KEY": self.s3.secret_key,
            "AWS_REGION": self.s3.region, "JWT_SECRET_KEY": SECRET,
            "PATH": f"{programs}:{self.postgresql.programs}:{os.environ['PATH']}",
        }  # fmt: skip
        self.pictor = self.worker = None

    def start(self, *options: str):
        line = [str(self.binary), "serve", "--port", str(self.port), "--data", str(self.folder / "data"), *options]
        self.pictor = Process("pictor", line, self.folder, self.environment)
        self.pictor.start()
        wait_until("Pictor", lambda: self.get("/health/ready"))

    def start_worker(self):
        line = [str(self.binary), "worker", "--data", str(self.folder / "worker")]
        self.worker = Process("worker", line, self.folder, self.environment)
        self.worker.start()

    def stop(self):
        for process in (self.worker, self.pictor, self.s3.process, self.postgresql.process):
            if process:
                process.stop()

    def run(self, *line, **more) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(word) for word in line], env=self.environment | more, cwd=self.folder, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read()

    def upload(self, *options: str) -> list[str]:
        """The ids of pictures whose sizes are made, unless the options say otherwise."""
        token = self.run(self.binary, "token", "--sub", "tester").stdout.strip()
        url = f"http://127.0.0.1:{self.port}"
        done = self.run(self.binary, "upload", "--json", "--url", url, "--token", token, *options, *PICTURES)
        assert done.returncode == 0, done.stdout + done.stderr
        return [entry["image_id"] for entry in json.loads(done.stdout)]

    def staged(self) -> list[str]:
        return [key for key in self.s3.objects() if key.startswith("staging/")]

    def answers(self, ids: list[str]) -> dict:
        """What clients get for the ids: facts of each picture, and every size's bytes."""
        found = {}
        for image in ids:
            found[image] = json.loads(self.get(f"/api/v1/images/{image}/all"))
            for size in ("thumbnail", "medium", "large", "original"):
                found[image, size] = self.get(f"/api/v1/images/{image}/direct?size={size}")
        return found


@pytest.fixture
def site(tmp_path_factory, binary):
    folder = tmp_path_factory.mktemp("backup")
    for parent in list(folder.parents)[:2]:
        parent.chmod(0o755)
    folder.chmod(0o755)
    sites = []

    def make() -> Site:
        sites.append(Site(folder / f"site-{len(sites)}", binary))
        return sites[-1]

    yield make
    for made in sites:
        made.stop()


def test_after_the_loss_of_everything_the_same_ids_answer(site, deploy, tmp_path):
    old = site()
    old.start()
    ids = old.upload()
    before = old.answers(ids)
    assert len(before) >= 2 * 5
    backup = tmp_path / "backup"
    saved = old.run(deploy / "backup/backup.sh", backup)
    assert saved.returncode == 0, saved.stdout + saved.stderr
    later = old.upload()
    old.stop()

    new = site()
    restored = new.run(deploy / "backup/restore.sh", backup)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    new.start()
    assert new.answers(ids) == before
    with pytest.raises(urllib.error.HTTPError, match="404"):
        new.get(f"/api/v1/images/{later[0]}")
    assert len(new.answers(new.upload())) >= 2 * 5, "and it goes on working"

    again = new.run(deploy / "backup/restore.sh", backup)
    assert (again.returncode, "tables" in again.stderr) == (69, True), "what is there is not overwritten"


def test_work_between_the_rows_and_the_pictures_is_not_lost(site, deploy, tmp_path):
    old = site()
    old.start("--no-workers")
    ids = old.upload("--no-wait")
    dumped, worked, backup = tmp_path / "dumped", tmp_path / "worked", tmp_path / "backup"
    pause = tmp_path / "pictor"
    pause.write_text(
        f"#!/bin/bash\ntouch {dumped}\nwhile [[ ! -e {worked} ]]; do sleep 0.05; done\nexec {old.binary} \"$@\"\n"
    )
    pause.chmod(0o755)
    old.environment["PATH"] = f"{tmp_path}:{old.environment['PATH']}"
    with concurrent.futures.ThreadPoolExecutor() as aside:
        saving = aside.submit(old.run, deploy / "backup/backup.sh", backup)
        wait_until("the dump", dumped.exists)
        old.start_worker()
        wait_until("the sizes", lambda: old.answers(ids) and not old.staged())
        before = old.answers(ids)
        worked.touch()
        saved = saving.result()
    assert saved.returncode == 0, saved.stdout + saved.stderr
    old.stop()

    new = site()
    restored = new.run(deploy / "backup/restore.sh", backup)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    new.start()
    wait_until("the sizes again", lambda: new.answers(ids), 30)
    after = new.answers(ids)
    sizes = [key for key in before if isinstance(key, tuple)]
    assert [after[key] for key in sizes] == [before[key] for key in sizes], "the files that were made before"


def test_second_backup_fetches_what_is_new_and_old_dumps_go(site, deploy, tmp_path):
    here = site()
    here.start()
    here.upload()
    backup = tmp_path / "backup"
    assert here.run(deploy / "backup/backup.sh", backup).returncode == 0
    (first,) = (backup / "database").iterdir()
    first.rename(first.with_name("2020-01-01T00-00-00Z.dump"))
    second = here.run(deploy / "backup/backup.sh", backup, BACKUP_KEEP="1")
    assert second.returncode == 0, second.stderr
    assert "Copied 0 objects" in second.stdout
    (left,) = (backup / "database").iterdir()
    assert not left.name.startswith("2020")


def test_backup_that_fails_leaves_no_dump(site, deploy, tmp_path):
    here = site()
    here.start()
    here.upload()
    here.s3.process.stop()
    backup = tmp_path / "backup"
    assert here.run(deploy / "backup/backup.sh", backup).returncode != 0
    assert list((backup / "database").iterdir()) == []
    empty = here.run(deploy / "backup/restore.sh", backup)
    assert (empty.returncode, "no backup" in empty.stderr) == (66, True)


def test_password_is_in_no_command_line(deploy, tmp_path):
    script = f'. "{deploy}/backup/database-url.sh" && echo "$url $PGPASSWORD"'
    file = tmp_path / "url"
    file.write_text("postgresql://me:p%40ss%2Fw\\ord@db:5432/pictor?sslmode=require")
    run = subprocess.run(["bash", "-c", script], env={"DATABASE_URL_FILE": str(file)}, capture_output=True, text=True)
    assert run.stdout == "postgresql://me@db:5432/pictor?sslmode=require p@ss/w\\ord\n"
    none = subprocess.run(["bash", "-c", script], env={}, capture_output=True, text=True)
    assert (none.returncode, "DATABASE_URL" in none.stderr) == (78, True)
