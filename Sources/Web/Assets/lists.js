// Inputs that take several values between commas, each completed from a list.

/// The values of an input or textarea as the server takes them.
export function value(input) {
  const text = input.value.trim();
  return input.dataset.kind === "list" ? text.split(/[,，、]/).map((part) => part.trim()).filter(Boolean) : text;
}

/// Browsers complete a whole input only: what stands before the last comma is put before every choice.
export function completing(input) {
  const known = document.getElementById(input.getAttribute("list"));
  if (!known) return;
  const choices = [...known.options].map((option) => option.value);
  const own = Object.assign(document.createElement("datalist"), { id: `${known.id}-${Math.random().toString(36).slice(2)}` });
  input.after(own);
  input.setAttribute("list", own.id);
  const offer = () => {
    const cut = input.value.lastIndexOf(",") + 1;
    const before = cut ? `${input.value.slice(0, cut)} ` : "";
    const begun = input.value.slice(cut).trim().toLowerCase();
    const fitting = choices.filter((choice) => choice.startsWith(begun)).slice(0, 20);
    own.replaceChildren(...fitting.map((choice) => Object.assign(document.createElement("option"), { value: before + choice })));
  };
  input.addEventListener("input", offer);
  offer();
}
