"""Pictures drawn in the browser, so that no file has to be kept: landscapes that differ by their number."""

import base64

DRAW = """
([number, width, height, type]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const c = canvas.getContext("2d");
  let seed = number * 2654435761 % 4294967296;
  const chance = () => (seed = (seed * 1664525 + 1013904223) % 4294967296) / 4294967296;
  const hue = (number * 67) % 360;
  const sky = c.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 60% ${18 + (number * 13) % 40}%)`);
  sky.addColorStop(0.7, `hsl(${(hue + 40) % 360} 75% 72%)`);
  c.fillStyle = sky;
  c.fillRect(0, 0, width, height);
  c.fillStyle = `hsl(${(hue + 60) % 360} 95% 88%)`;
  c.beginPath();
  c.arc(width * (0.2 + 0.6 * chance()), height * (0.2 + 0.3 * chance()), Math.min(width, height) * 0.07, 0, 7);
  c.fill();
  for (let ridge = 0; ridge < 4; ridge += 1) {
    c.fillStyle = `hsl(${(hue + 200 + ridge * 12) % 360} ${30 + ridge * 6}% ${44 - ridge * 10}%)`;
    c.beginPath();
    c.moveTo(0, height);
    let y = height * (0.5 + ridge * 0.12);
    for (let x = 0; x <= width; x += width / 40) { y += (chance() - 0.5) * height * 0.06; c.lineTo(x, y); }
    c.lineTo(width, height);
    c.fill();
  }
  return canvas.toDataURL(type, 0.92).split(",")[1];
}
"""


DROP = """
([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  return transfer;
}
"""


def picture(page, number, width=1600, height=1200, kind="image/jpeg"):
    """The bytes of picture `number`."""
    return base64.b64decode(page.evaluate(DRAW, [number, width, height, kind]))


def file(name, data, kind="image/jpeg"):
    """What Playwright's file inputs take."""
    return {"name": name, "mimeType": kind, "buffer": data}


def transfer(page, name, data):
    """What a drop or a paste of one file carries."""
    return page.evaluate_handle(DROP, [name, base64.b64encode(data).decode()])
