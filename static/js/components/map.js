// Turns the drawn map into a Leaflet map with the pins of the list beside it. When
// Leaflet did not come, or the screen is small, the drawing stays. The pins are for the pointer; the
// list beside the map is what the keyboard walks through, with the same names, facts and links.
import { fetchLeaflet, ground, plainMap } from "./leaflet.js";

const WIDE = "(min-width: 56rem)";

function pinIcon(role, text) {
  return L.divIcon({ className: `leaflet-div-icon pin-${role}`, html: text, iconSize: [32, 32] });
}

function popup(item) {
  const content = item.querySelector("div").cloneNode(true);
  content.querySelector(".map-number")?.remove();
  return content;
}

function live(canvas) {
  const section = canvas.closest(".map");
  const items = [...section.querySelectorAll(".map-item")];
  canvas.replaceChildren();
  canvas.classList.add("is-live");
  const map = plainMap(canvas);
  const places = [];
  items.forEach((item, index) => {
    const place = [Number(item.dataset.lat), Number(item.dataset.lon)];
    const name = item.querySelector(".map-name").textContent.trim();
    const icon = pinIcon(item.dataset.role, String(index + 1));
    const marker = L.marker(place, { icon, title: name, keyboard: false }).addTo(map);
    marker.bindPopup(popup(item));
    marker.on("popupopen", () => item.classList.add("is-picked"));
    marker.on("popupclose", () => item.classList.remove("is-picked"));
    places.push(place);
  });
  if (canvas.dataset.you) {
    const you = canvas.dataset.you.split(",").map(Number);
    const label = canvas.dataset.youLabel;
    L.marker(you, { icon: pinIcon("you", ""), title: label, interactive: false, keyboard: false }).addTo(map);
    places.push(you);
  }
  const closest = canvas.dataset.tiles ? 14 : 12;
  map.fitBounds(L.latLngBounds(places).pad(0.15), { maxZoom: closest });
  ground(map, canvas.dataset);
}

async function start() {
  if (!matchMedia(WIDE).matches) return;
  await fetchLeaflet(document.querySelector('meta[name="leaflet"]').content);
  document.querySelectorAll("[data-map]").forEach((canvas) => {
    if (canvas.closest(".map").querySelector(".map-item")) live(canvas);
  });
}

if (document.readyState === "complete") start();
else addEventListener("load", start);
