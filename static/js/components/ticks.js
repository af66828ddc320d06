// Ticks of a list with data-ticks stay on this device, also without a connection, for two weeks.
const DAYS = 14;

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    return kept && Date.now() - kept.at < DAYS * 864e5 ? kept.ticked : [];
  } catch {
    return [];
  }
}

export function startTicks() {
  for (const list of document.querySelectorAll("[data-ticks]")) {
    const key = `ticks:${list.dataset.ticks}`;
    const boxes = [...list.querySelectorAll("input[type=checkbox]")];
    const ticked = read(key);
    for (const box of boxes) box.checked ||= ticked.includes(box.name);
    list.addEventListener("change", () => {
      const names = boxes.filter((box) => box.checked).map((box) => box.name);
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), ticked: names }));
      } catch {
        // A full or forbidden store: the ticks last as long as the page.
      }
    });
  }
}
