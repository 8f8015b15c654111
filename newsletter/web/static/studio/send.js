// The send panel: the button waits for the right count, the undo counts down, progress follows.

const confirm = () => document.querySelector("form.confirm");

function check() {
  const form = confirm();
  if (!form) return;
  const typed = form.count.value.replace(/\D/g, "");
  form.querySelector("button").disabled = typed !== form.dataset.count;
}
document.addEventListener("input", check);
check();

const step = 1000;
async function follow() {
  const left = document.getElementById("left");
  if (left) {
    left.dataset.left = Math.max(0, Number(left.dataset.left) - 1);
    left.textContent = left.dataset.left;
  }
  const running = document.querySelector("[data-running]")?.dataset.running;
  if (running && !document.hidden) {
    try {
      const answer = await fetch(location.pathname + location.search);
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const place of document.querySelectorAll("[data-live]")) {
          const other = fresh.querySelector(`[data-live="${place.dataset.live}"]`);
          if (!other || place.contains(document.activeElement)) continue;
          if (place.innerHTML !== other.innerHTML) place.innerHTML = other.innerHTML;
          if ("running" in place.dataset) place.dataset.running = other.dataset.running;
        }
        check();
      }
    } catch {
      // the server is gone for a moment; the next step asks again
    }
  }
  setTimeout(follow, step);
}
setTimeout(follow, step);
