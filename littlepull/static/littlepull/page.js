// What every page can do: copy, open dialogs, go by keyboard, and say that it is busy. Pages work without it.

export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

const words = document.documentElement.lang === "fr"
  ? { copy: "Copier", copied: "Copié", failed: "Impossible" }
  : { copy: "Copy", copied: "Copied", failed: "Not possible" };

function addCopyButton(box) {
  if (box.querySelector(":scope > button")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.copy;
  button.addEventListener("click", async () => {
    const text = box.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text.trim());
      button.textContent = words.copied;
    } catch {
      button.textContent = words.failed; // no permission: the text can still be selected
    }
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  box.append(button);
}

export function enliven(root = document) {
  root.querySelectorAll(".copy, .secret").forEach(addCopyButton);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.querySelector(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
});

// A form that is sent twice must not buy twice: servers see to that, and the button says so.
document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog" || event.defaultPrevented) return;
  const button = event.submitter;
  if (button) setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); });
  setTimeout(() => { if (button) { button.disabled = false; button.removeAttribute("aria-busy"); } }, 8000);
  if (event.target.dataset.download === undefined) showBusy();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("[aria-busy]").forEach((one) => { one.disabled = false; one.removeAttribute("aria-busy"); });
});

function showBusy() {
  let line = document.querySelector(".progress-line");
  if (!line) {
    line = document.createElement("div");
    line.className = "progress-line";
    document.body.append(line);
  }
  requestAnimationFrame(() => line.classList.add("busy"));
}

// Keyboard: g and a letter goes to a section, / searches, ? lists the keys.
let awaiting = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (awaiting) {
    awaiting = false;
    const link = document.querySelector(`nav.side a[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  } else if (event.key === "g" && document.querySelector("nav.side")) {
    awaiting = true;
    setTimeout(() => { awaiting = false; }, 1200);
  } else if (event.key === "/") {
    const search = document.querySelector('input[type="search"]');
    if (search) { event.preventDefault(); search.focus(); }
  } else if (event.key === "?") {
    document.querySelector("#keyboard")?.showModal();
  }
});

document.addEventListener("htmx:config:request", (event) => {
  const headers = event.detail?.ctx?.request?.headers;
  if (headers && csrf()) headers["X-CSRFToken"] = csrf();
});
document.addEventListener("htmx:after:swap", (event) => enliven(event.target instanceof Element ? event.target : document));

document.querySelectorAll("dialog[data-open-now]").forEach((dialog) => dialog.showModal());
enliven();
