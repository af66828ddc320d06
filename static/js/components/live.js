// The one polite live region of the page: say something to people who do not see it change.
const region = document.getElementById("live");

export function announce(text) {
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}

export function word(name) {
  return region?.dataset[name] ?? "";
}
