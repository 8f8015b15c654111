// The list of issues, live: on a save, the page asks for itself anew and takes over what differs, keeping what is
// scrolled where it is. At most one request is under way; the last save wins.
"use strict";

const sign = document.getElementById("live");
let asking = false;
let again = false;
let wait = 500;

function say(state, words) {
  sign.className = "live " + state;
  sign.textContent = words;
}

function connect() {
  const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
  let opened = false;
  socket.addEventListener("open", () => {
    opened = true;
    say("on", sign.dataset.on);
    if (wait > 500) refresh();
    wait = 500;
  });
  socket.addEventListener("message", ({ data }) => {
    if (JSON.parse(data).kind === "changed") refresh();
  });
  socket.addEventListener("close", () => {
    say("off", sign.dataset.off);
    wait = opened ? 1000 : Math.min(wait * 2, 8000);
    setTimeout(connect, wait);
  });
}

async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  do {
    again = false;
    try {
      const answer = await fetch(location.href, { headers: { "x-live": "1" } });
      take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      break; // the server is gone; the socket says so
    }
  } while (again);
  asking = false;
}

function take(fresh) {
  const places = document.querySelectorAll("[data-live]");
  const names = [...places].map((place) => place.dataset.live).join();
  const freshNames = [...fresh.querySelectorAll("[data-live]")].map((place) => place.dataset.live).join();
  if (names !== freshNames) {
    location.reload(); // another kind of page now, an error or its end
    return;
  }
  document.title = fresh.title;
  for (const place of places) {
    const other = fresh.querySelector(`[data-live="${place.dataset.live}"]`);
    if (place.innerHTML !== other.innerHTML) place.innerHTML = other.innerHTML;
    place.hidden = other.hidden;
  }
}

connect();
