// A button beside each password that shows what was typed; the form works the same without it.
import { word } from "./live.js";

export function startPasswordButtons() {
  for (const input of document.querySelectorAll('input[type="password"]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet";
    button.setAttribute("aria-controls", input.id);
    const say = () => {
      const hidden = input.type === "password";
      button.textContent = word(hidden ? "show" : "hide");
      button.setAttribute("aria-pressed", String(!hidden));
    };
    button.addEventListener("click", () => {
      input.type = input.type === "password" ? "text" : "password";
      say();
    });
    input.form?.addEventListener("submit", () => {
      input.type = "password"; // so that the browser offers to keep it
    });
    say();
    input.after(button);
  }
}
