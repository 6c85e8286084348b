// Puts pictures into the clipboard. Browsers take PNG only, so others are drawn anew; where no picture can be copied,
// its address is.
import { toast } from "./app.js";

async function png(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const file = await response.blob();
  if (file.type === "image/png") return file;
  const bitmap = await createImageBitmap(file);
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/// Copies the picture of an element with `data-file`, and says what was copied.
export async function copyPicture({ dataset }, name) {
  const address = new URL(dataset.file, location.href).href;
  const still = dataset.animated === "yes" ? ", a still of the animation" : "";
  try {
    // The promise goes in as it is: Safari wants the call within the click.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(address) })]);
    toast(`Copied ${name}${still}`);
    return "picture";
  } catch {
    try {
      await navigator.clipboard.writeText(address);
      toast(`Copied the address of ${name}: this browser copies no pictures here`);
      return "address";
    } catch {
      toast(`Nothing can be copied here. The address: ${address}`);
      return null;
    }
  }
}
