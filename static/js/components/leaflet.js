// What the pages with a Leaflet map share: fetching the program, and the land under it when there are no tiles.

// Leaflet is a third of what such a page weighs: only who shows a map fetches it.
export function fetchLeaflet(address) {
  if (globalThis.L) return Promise.resolve();
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

export function plainMap(canvas) {
  const map = L.map(canvas, { scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0.5, maxZoom: 18 });
  map.attributionControl.setPrefix(false);
  return map;
}

// Streets from the tiles of the installation, or else the borders and the names of the towns.
export async function ground(map, { tiles, outline }) {
  if (tiles) {
    L.tileLayer(tiles, { maxZoom: 18 }).addTo(map);
    return;
  }
  const answer = await fetch(outline);
  if (!answer.ok) return;
  const { features } = await answer.json();
  const areas = features.filter((one) => one.geometry.type !== "Point");
  const style = { color: "#857a66", weight: 1, fillColor: "#f3ead2", fillOpacity: 1, interactive: false };
  L.geoJSON({ type: "FeatureCollection", features: areas }, { style }).addTo(map).bringToBack();
  for (const one of features) {
    if (one.geometry.type !== "Point") continue;
    const [lon, lat] = one.geometry.coordinates;
    const icon = L.divIcon({ className: "town", html: one.properties.name, iconSize: [120, 20] });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
  }
}
