"""What must hold when everything is mended and the work is done."""

import collections
import concurrent.futures
import hashlib
import http.client
import io
import urllib.parse

import numpy
from cluster import SECRET, Cluster
from PIL import Image
from process import wait_until
from uploads import Accepted, Ledger, sent, token

SIZES = 4


class Proof:
    def __init__(self, cluster: Cluster, ledger: Ledger):
        self.cluster, self.ledger, self.problems = cluster, ledger, []
        self.read = 0  # files, over HTTP

    def wait_for_work(self, seconds: float):
        count = "SELECT COUNT(*) FROM job WHERE state IN ('ready', 'delayed', 'running')"
        try:
            wait_until("the jobs", lambda: self.number(count) == 0, seconds)
        except TimeoutError:
            rows = self.cluster.postgresql.rows("SELECT kind, state, attempt, failure_code FROM job LIMIT 5")
            self.problems.append(f"{self.number(count)} jobs are stuck: {rows}")

    def number(self, statement: str) -> int:
        return int(self.cluster.postgresql.rows(statement)[0][0])

    def slowest(self) -> float:
        """Seconds from row to completion, by the clocks of the processes that wrote them."""
        return self.number("SELECT COALESCE(MAX(completed_at - created_at), 0) FROM image") / 1000

    def expect(self, what: str, found, wanted):
        if found != wanted:
            self.problems.append(f"{what}: {found}, expected {wanted}")

    def check(self):
        rows = self.cluster.postgresql.rows
        accepted = {upload.image: key for key, upload in self.ledger.accepted.items()}
        images = {id: (status, hash) for id, status, hash in rows("SELECT id, status, content_hash FROM image")}
        self.expect("acknowledged pictures without a row", len(accepted.keys() - images.keys()), 0)
        self.expect("pictures nobody was told of", len(images.keys() - accepted.keys()), 0)
        self.expect("pictures by state", dict(collections.Counter(s for s, _ in images.values())), {"completed": len(images)})
        others = [id for id, key in accepted.items() if id in images and images[id][1] != hashlib.sha256(sent(key)).hexdigest()]
        self.expect("pictures that are not what was sent", others[:5], [])
        for kind in ("upload_initiated", "completed"):
            events = collections.Counter(id for (id,) in rows(f"SELECT image_id FROM image_event WHERE kind = '{kind}'"))
            self.expect(f"pictures without exactly one event '{kind}'", sum(events[id] != 1 for id in images), 0)
        self.expect("dead jobs", self.number("SELECT COUNT(*) FROM job WHERE state = 'dead'"), 0)
        self.files(rows)
        self.expect("answers that break a promise", self.ledger.bad[:20], [])

    def files(self, rows):
        """Every size of every picture is in the bucket, and comes from there over HTTP as what was sent."""
        stored = self.cluster.s3.objects()
        wanted = {
            f"images/{bucket}/processed/{name}/{id}_{name}.webp": (id, name)
            for id, bucket, name in rows("SELECT id, bucket, name FROM image JOIN image_variant ON image_id = id")
        }
        self.expect("files", len(wanted), SIZES * len(self.ledger.accepted))
        missing = sorted(wanted.keys() - stored.keys())
        self.expect("files without their bytes", missing[:5], [])
        orphans = sorted(stored.keys() - wanted.keys() - {".check"})  # the probe of health checks
        self.expect("bytes that belong to nothing", orphans[:5], [])
        names = collections.defaultdict(dict)
        for key, (id, name) in wanted.items():
            names[id][name] = stored.get(key)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            uploads = self.ledger.accepted.items()
            found = list(pool.map(lambda item: self.look(*item, names[item[1].image]), uploads))
        wrong = [problem for problems in found for problem in problems]
        self.expect("files that cannot be read as they were sent", wrong[:5], [])
        self.read = len(wanted) - len(wrong)

    def look(self, key: str, upload: Accepted, hashes: dict[str, str]) -> list[str]:
        """What is wrong with the sizes of one picture, as a client sees them; `hashes` are those of the bucket."""
        original, problems = grey(sent(key)), []
        for name, hash in hashes.items():
            path = f"/api/v1/images/{upload.image}/direct?size={name}"
            status, body = fetch(f"{self.cluster.url}{path}")
            if status != 200:
                problems.append(f"{path}: {status} {body[:200]!r}")
            elif hashlib.md5(body).hexdigest() != hash:
                problems.append(f"{path}: not the bytes of the bucket")
            elif not likeness(grey(body), original) >= 0.5:  # of a blank picture it is no number
                problems.append(f"{path}: another picture than the one sent")
        return problems


def fetch(url: str) -> tuple[int, bytes]:
    """The answer at the end of redirects; the token is for Pictor only."""
    headers = {"Authorization": f"Bearer {token(SECRET, 'reader')}"}
    for _ in range(3):
        place = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(place.netloc, timeout=60)
        try:
            connection.request("GET", f"{place.path}?{place.query}", headers=headers)
            answer = connection.getresponse()
            status, body, url = answer.status, answer.read(), answer.headers["Location"]
        finally:
            connection.close()
        if url is None:
            break
        headers = {}
    return status, body


def grey(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def likeness(picture: Image.Image, original: Image.Image) -> float:
    """The correlation of their pixels: above 0.6 for a size of the original, however it was scaled, and near 0 for another
    picture of noise."""
    scaled = original if picture.size == original.size else original.resize(picture.size, Image.Resampling.BOX)
    return float(numpy.corrcoef(numpy.asarray(picture).ravel(), numpy.asarray(scaled).ravel())[0, 1])
