// The bar that says that the connection is gone, and that nothing is lost.
export function startOfflineBar() {
  const bar = document.getElementById("offline");
  if (!bar) return;
  const show = () => {
    bar.hidden = navigator.onLine;
    bar.textContent = navigator.onLine ? "" : bar.dataset.text;
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
