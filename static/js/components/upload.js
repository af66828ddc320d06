// A form with data-upload shows how far its file is. Without script it is sent as any other form.
function bar(form) {
  const shown = form.querySelector("progress") ?? document.createElement("progress");
  shown.max = 100;
  shown.value = 0;
  shown.setAttribute("aria-label", form.querySelector("input[type=file]")?.labels?.[0]?.textContent ?? "");
  form.append(shown);
  return shown;
}

function send(form) {
  const shown = bar(form);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) shown.value = Math.round((100 * event.loaded) / event.total);
    if (event.loaded === event.total) shown.removeAttribute("value"); // the server makes it small now
  });
  request.addEventListener("error", () => HTMLFormElement.prototype.submit.call(form));
  request.addEventListener("load", () => {
    const answer = request.response?.body;
    if (!answer) return location.reload();
    if (request.status < 400) history.replaceState(null, "", request.responseURL);
    document.title = request.response.title;
    document.body.replaceWith(document.adoptNode(answer));
    (document.getElementById("fouten") ?? document.getElementById("inhoud"))?.focus();
  });
  request.send(new FormData(form));
}

export function startUploads() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !("upload" in form.dataset)) return;
    if (!form.querySelector("input[type=file]")?.files?.length) return;
    event.preventDefault();
    send(form);
  });
}
