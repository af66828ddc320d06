// − and + change the field at once. With data-submit the form is sent after a short rest, by the
// button that was pressed last, so that the server's own answer stands on the screen.
const REST_MS = 600;

function read(field) {
  return Number.parseFloat(field.value.replace(",", ".")) || 0;
}

function write(field, value) {
  const low = Number.parseFloat(field.dataset.min || "0");
  const high = Number.parseFloat(field.dataset.max || "Infinity");
  const rounded = Math.round(Math.min(high, Math.max(low, value)) * 1000) / 1000;
  const comma = !document.documentElement.lang.startsWith("en");
  field.value = comma ? String(rounded).replace(".", ",") : String(rounded);
}

export function startSteppers() {
  const resting = new WeakMap();
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-stepper] button");
    if (!button) return;
    const field = button.parentElement.querySelector("input");
    if (!field) return;
    event.preventDefault();
    const step = Number.parseFloat(field.dataset.step || "1");
    write(field, read(field) + (button.name === "less" ? -step : step));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    if (!("submit" in button.parentElement.dataset)) return;
    clearTimeout(resting.get(field.form));
    const action = button.formAction;
    const timer = setTimeout(() => {
      field.form.action = action;
      field.form.requestSubmit();
    }, REST_MS);
    resting.set(field.form, timer);
  });
}
