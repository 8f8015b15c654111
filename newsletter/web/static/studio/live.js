// One WebSocket for this window; it only says that something changed.

export function live(sign, changed) {
  let wait = 500;
  let missed = false;
  const say = (state, words) => {
    sign.className = `live ${state}`;
    sign.textContent = words;
  };
  function connect() {
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
    socket.addEventListener("open", () => {
      say("on", "Live");
      if (missed) changed();
      missed = false;
      wait = 500;
    });
    socket.addEventListener("message", changed);
    socket.addEventListener("close", () => {
      missed = true;
      say("off", "Offline");
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 8000);
    });
  }
  connect();
}
