// Draws a ThumbHash (https://evanw.github.io/thumbhash/) as a small picture, until the real one is there.

/// Pixels as RGBA with their width and height.
export function decode(hash) {
  const header = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const more = hash[3] | (hash[4] << 8);
  const average = { l: (header & 63) / 63, p: ((header >> 6) & 63) / 31.5 - 1, q: ((header >> 12) & 63) / 31.5 - 1 };
  const hasAlpha = header >> 23 !== 0;
  const isLandscape = more >> 15 !== 0;
  const long = hasAlpha ? 5 : 7;
  const lx = Math.max(3, isLandscape ? long : more & 7);
  const ly = Math.max(3, isLandscape ? more & 7 : long);
  let index = 0;
  const start = hasAlpha ? 6 : 5;
  const nibbles = () => { const value = (hash[start + (index >> 1)] >> ((index & 1) << 2)) & 15; index += 1; return value; };
  const channel = (nx, ny, scale) => {
    const factors = [];
    for (let cy = 0; cy < ny; cy += 1) {
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx += 1) factors.push((nibbles() / 7.5 - 1) * scale);
    }
    return factors;
  };
  const l = channel(lx, ly, ((header >> 18) & 31) / 31);
  const p = channel(3, 3, (((more >> 3) & 63) / 63) * 1.25);
  const q = channel(3, 3, (((more >> 9) & 63) / 63) * 1.25);
  const alpha = hasAlpha ? (hash[5] & 15) / 15 : 1;
  const a = hasAlpha ? channel(5, 5, (hash[5] >> 4) / 15) : [];
  const ratio = lx / ly;
  const width = Math.round(ratio > 1 ? 32 : 32 * ratio);
  const height = Math.round(ratio > 1 ? 32 / ratio : 32);
  const pixels = new Uint8ClampedArray(width * height * 4);
  const sum = (factors, nx, ny, fx, fy) => {
    let value = 0;
    for (let cy = 0, at = 0; cy < ny; cy += 1) {
      for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx += 1, at += 1) value += factors[at] * fx[cx] * fy[cy] * 2;
    }
    return value;
  };
  const cosines = (position, size) => Array.from({ length: 7 }, (_, c) => Math.cos((Math.PI / size) * (position + 0.5) * c));
  for (let y = 0, at = 0; y < height; y += 1) {
    const fy = cosines(y, height);
    for (let x = 0; x < width; x += 1, at += 4) {
      const fx = cosines(x, width);
      const light = average.l + sum(l, lx, ly, fx, fy);
      const yellowBlue = average.p + sum(p, 3, 3, fx, fy);
      const redGreen = average.q + sum(q, 3, 3, fx, fy);
      const blue = light - (2 / 3) * yellowBlue;
      const red = (3 * light - blue + redGreen) / 2;
      pixels.set([red * 255, (red - redGreen) * 255, blue * 255, (hasAlpha ? alpha + sum(a, 5, 5, fx, fy) : 1) * 255], at);
    }
  }
  return { width, height, pixels };
}

/// Puts a canvas behind the picture of every frame that carries a hash.
export function placeholders(root) {
  for (const frame of root.querySelectorAll("[data-thumbhash]:not([data-drawn])")) {
    frame.dataset.drawn = "";
    try {
      const { width, height, pixels } = decode(Uint8Array.from(atob(frame.dataset.thumbhash), (c) => c.charCodeAt(0)));
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width, height });
      canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
      canvas.setAttribute("aria-hidden", "true");
      frame.prepend(canvas);
    } catch { /* the colour behind is enough */ }
  }
}
