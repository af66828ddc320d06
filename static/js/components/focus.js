// Mistakes get the focus: on load, and after htmx put an answer in the page. Without this a screen
// reader says nothing after a swap. A button that was replaced hands its focus to its successor.
import { announce } from "./live.js";

function focusMistakes() {
  const summary = document.getElementById("fouten");
  if (!summary) return false;
  summary.focus();
  const heading = document.getElementById("fouten-titel");
  const mark = document.title.split(":")[0];
  if (heading && !document.title.startsWith("Fout") && mark === document.title) {
    document.title = `${heading.textContent}: ${document.title}`;
  }
  return true;
}

export function startFocusAfterSwap() {
  focusMistakes();
  let pressed = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const at = document.activeElement;
    const part = at?.closest("[id]");
    pressed = part && part !== at ? { id: part.id, name: at.name } : null;
    if (event.detail.requestConfig?.triggeringEvent?.submitter) {
      const button = event.detail.requestConfig.triggeringEvent.submitter;
      pressed = { id: button.closest("[id]")?.id, name: button.name };
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (focusMistakes()) return;
    if (pressed && (document.activeElement === document.body || !document.activeElement)) {
      const part = document.getElementById(pressed.id);
      const next = part?.querySelector(`button[name="${pressed.name}"]`) ?? part?.querySelector("button, a");
      next?.focus();
    }
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const part = document.getElementById(event.detail.target?.id ?? "");
    if (part?.matches(".ticket-buy")) {
      const name = part.closest(".ticket")?.querySelector("h2, h3")?.textContent ?? "";
      announce(`${name}: ${part.querySelector("output")?.textContent ?? 0}`);
    }
  });
}
