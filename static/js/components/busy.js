// A pressed button says "Bezig…" when the answer takes longer than 400 ms. It keeps the focus and is
// not disabled: a second press is harmless, since forms that matter carry an idempotency key.
import { announce, word } from "./live.js";

const WAIT_MS = 400;

const former = new WeakMap(); // button → what it showed

function markBusy(button) {
  if (former.has(button)) return;
  former.set(button, [...button.childNodes]);
  button.setAttribute("aria-busy", "true");
  if (button.classList.contains("button")) button.replaceChildren(word("busy"));
  announce(word("busy"));
}

function restore(button) {
  if (!former.has(button)) return;
  button.removeAttribute("aria-busy");
  button.replaceChildren(...former.get(button));
  former.delete(button);
}

export function startBusyButtons() {
  const waiting = new Map();
  const stop = (button) => {
    clearTimeout(waiting.get(button));
    waiting.delete(button);
    restore(button);
  };
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || waiting.has(button)) return;
    waiting.set(button, setTimeout(markBusy, WAIT_MS, button));
  });
  document.addEventListener("htmx:afterRequest", () => [...waiting.keys()].forEach(stop));
  document.addEventListener("htmx:sendError", () => announce(word("failed")));
  document.addEventListener("htmx:responseError", () => announce(word("failed")));
  // Back from the next page by the browser's own memory: the button must be itself again.
  addEventListener("pageshow", () => {
    [...waiting.keys()].forEach(stop);
    document.querySelectorAll('[aria-busy="true"]').forEach(restore);
  });
}
