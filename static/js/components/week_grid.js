// In the grid of a week the arrow keys go to the same column of the half day above or below.
export function startWeekGrid(root = document) {
  root.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const field = event.target.closest("[data-week-grid] input[data-column]");
    if (!step || !field || event.altKey || event.ctrlKey || event.metaKey) return;
    const grid = field.closest("[data-week-grid]");
    const column = [...grid.querySelectorAll(`input[data-column="${field.dataset.column}"]`)];
    const next = column[column.indexOf(field) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  });
}
