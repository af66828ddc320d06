// Draws the outline of an area by its corners, on a map above the field that holds them. The field stays what is
// sent: what is typed in it shows on the map, and every corner that is tapped is written into it. Arrow keys move
// the map, and a button puts a corner in its middle, so that the keyboard can draw too.
import { fetchLeaflet, ground, plainMap } from "./leaflet.js";

const round = (degrees) => Number(degrees.toFixed(6));

// The corners in the field: a line each, or GeoJSON of one ring. Null: more than can be drawn here, or not readable.
function read(text) {
  const written = text.trim();
  if (!written) return [];
  if (!written.startsWith("{")) {
    const corners = written.split("\n").filter((line) => line.trim()).map((line) => line.split(/[\s,;]+/).filter(Boolean).map(Number));
    return corners.every((one) => one.length === 2 && one.every(Number.isFinite)) ? corners : null;
  }
  try {
    const { type, coordinates } = JSON.parse(written);
    const polygons = type === "MultiPolygon" ? coordinates : type === "Polygon" ? [coordinates] : [];
    if (polygons.length !== 1 || polygons[0].length !== 1) return null;
    const corners = polygons[0][0].map(([lon, lat]) => [lat, lon]);
    const [first, last] = [corners[0], corners.at(-1)];
    if (corners.length > 1 && first[0] === last[0] && first[1] === last[1]) corners.pop();
    return corners;
  } catch {
    return null;
  }
}

function write(corners, asGeojson) {
  if (!asGeojson) return corners.map(([lat, lon]) => `${lat}, ${lon}`).join("\n");
  if (!corners.length) return "";
  const ring = [...corners, corners[0]].map(([lat, lon]) => [lon, lat]);
  return JSON.stringify({ type: "Polygon", coordinates: [ring] });
}

function drawOn(map, tool, field) {
  const said = tool.querySelector("[data-said]");
  const marks = L.layerGroup().addTo(map);
  const shape = L.polygon([], { className: "draw-shape", interactive: false }).addTo(map);
  let corners = [];

  function show() {
    shape.setLatLngs(corners);
    marks.clearLayers();
    corners.forEach((corner, index) => {
      const icon = L.divIcon({ className: "draw-corner", html: String(index + 1), iconSize: [28, 28] });
      const mark = L.marker(corner, { icon, draggable: true, keyboard: false }).addTo(marks);
      mark.on("drag", ({ latlng }) => {
        corners[index] = [round(latlng.lat), round(latlng.lng)];
        shape.setLatLngs(corners);
      });
      mark.on("dragend", changed);
    });
    const { words, few } = tool.dataset;
    said.textContent = `${words} ${corners.length}${corners.length < 3 ? ` (${few})` : ""}`;
    for (const button of tool.querySelectorAll("[data-needs]")) button.setAttribute("aria-disabled", String(!corners.length));
  }

  function changed() {
    field.value = write(corners, "geojson" in tool.dataset);
    show();
  }

  function add({ lat, lng }) {
    corners.push([round(lat), round(lng)]);
    changed();
  }

  function take(typed) {
    corners = typed;
    show();
    if (corners.length > 1) map.fitBounds(L.latLngBounds(corners).pad(0.3));
  }

  let before = null; // what the last press took away, so that "start anew" can be taken back
  const deeds = {
    here: () => add(map.getCenter()),
    undo: () => {
      if (before) corners = before;
      else corners.pop();
      before = null;
      changed();
    },
    clear: () => {
      before = corners;
      corners = [];
      changed();
    },
  };
  tool.addEventListener("click", (event) => {
    const deed = event.target.closest("[data-deed]")?.dataset.deed;
    if (!deed || (deed !== "here" && !corners.length && !before)) return;
    if (deed === "here") before = null;
    deeds[deed]();
  });
  map.on("click", ({ latlng }) => {
    before = null;
    add(latlng);
  });
  field.addEventListener("change", () => take(read(field.value) ?? []));
  take(read(field.value) ?? []);
}

async function open(tool) {
  const field = document.getElementById(tool.dataset.draw);
  if (!field || read(field.value) === null) return; // several areas: the text says more than this tool can
  await fetchLeaflet(tool.dataset.leaflet);
  tool.hidden = false;
  const map = plainMap(tool.querySelector(".draw-map"));
  map.setView(tool.dataset.here.split(",").map(Number), tool.dataset.tiles ? 15 : 12);
  const others = JSON.parse(tool.dataset.others || "[]");
  if (others.length) L.polygon(others.map((ring) => [ring]), { className: "draw-other", interactive: false }).addTo(map);
  ground(map, tool.dataset);
  drawOn(map, tool, field);
}

// A tool in a folded part waits until it is opened: Leaflet measures the place that it gets.
for (const tool of document.querySelectorAll("[data-draw]")) {
  const folded = tool.closest("details:not([open])");
  if (folded) folded.addEventListener("toggle", () => open(tool), { once: true });
  else open(tool);
}
