// A grid of any length of which a bounded part is in the page: rows far away wait as text. Above, a spacer as high as they
// were stands in their place, so that nothing moves; whole rows only, so that the others stay as they are.

/// Keeps `grid` to about `most` items; `enhance` is called with each item that comes back.
export function longList(grid, most, enhance) {
  const above = [];
  const below = [];
  const spacer = Object.assign(document.createElement("li"), { className: "spacer", hidden: true });
  spacer.setAttribute("aria-hidden", "true");
  const gap = parseFloat(getComputedStyle(grid).rowGap) || 0;
  let hidden = 0;
  grid.prepend(spacer);

  const items = () => [...grid.children].filter((item) => item !== spacer);

  /// The first or last row that is in the page, never the only one.
  function row(isFirst) {
    const all = items();
    const top = all.at(isFirst ? 0 : -1)?.offsetTop;
    const found = all.filter((item) => item.offsetTop === top);
    return found.length < all.length ? found : [];
  }

  function text(found) {
    const html = found.map((item) => item.outerHTML);
    found.forEach((item) => item.remove());
    return html;
  }

  function setSpacer(height) {
    hidden = Math.max(0, height);
    spacer.hidden = !above.length;
    spacer.style.height = `${Math.max(0, hidden - gap)}px`;
  }

  function come(html, place) {
    const holder = document.createElement("template");
    holder.innerHTML = html.join("");
    const fresh = [...holder.content.children];
    place(fresh);
    fresh.forEach(enhance);
  }

  /// What is too much goes, from the end that one scrolls away from.
  function trim(isAbove) {
    while (items().length > most) {
      const found = row(isAbove);
      if (!found.length) return;
      if (!isAbove) { below.push(text(found)); continue; }
      const height = items()[found.length].offsetTop - found[0].offsetTop;
      above.push({ html: text(found), height });
      setSpacer(hidden + height);
    }
  }

  return {
    spacer,
    /// Adds items at the end.
    append(fresh) {
      grid.append(...fresh);
      fresh.forEach(enhance);
      trim(true);
    },
    /// Lets some of what went below come back; `false` when there is nothing.
    goDown() {
      if (!below.length) return false;
      for (let rows = 0; rows < 8 && below.length; rows += 1) come(below.pop(), (fresh) => grid.append(...fresh));
      trim(true);
      return true;
    },
    /// The same above.
    goUp() {
      if (!above.length) return false;
      for (let rows = 0; rows < 8 && above.length; rows += 1) {
        const last = above.pop();
        come(last.html, (fresh) => spacer.after(...fresh));
        setSpacer(hidden - last.height);
      }
      trim(false);
      return true;
    },
  };
}
