// The send panel: the button waits for the right count, the undo counts down, the report follows what happens.

const pane = document.querySelector(".progress");
const step = 1000;

function check() {
  for (const form of document.querySelectorAll("form.confirm")) {
    const typed = form.count.value.replace(/[,\s]/g, "");
    form.querySelector("button").disabled = typed !== form.dataset.count;
  }
}
document.addEventListener("input", (event) => {
  if (event.target.id === "at" && event.target.value) {
    event.target.form.querySelector("[value=later]").checked = true;
  }
  check();
});
check();

function countDown() {
  const left = document.getElementById("left");
  if (!left) return;
  left.dataset.left = Math.max(0, Number(left.dataset.left) - 1);
  left.textContent = left.dataset.left;
}

async function renew() {
  const before = pane.querySelector(".standing");
  const answer = await fetch(pane.dataset.at + location.search);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".standing");
  if (!fresh || before.contains(document.activeElement)) return;
  if (fresh.dataset.status !== before.dataset.status && !document.querySelector("form.confirm :focus")) {
    location.reload(); // what may be done next, at the left, is another thing now
    return;
  }
  const open = Boolean(before.querySelector("details[open]"));
  if (open) fresh.querySelector("details")?.setAttribute("open", "");
  before.replaceWith(fresh);
}

async function follow() {
  countDown();
  if (pane.querySelector(".standing").dataset.moves && !document.hidden) {
    try {
      await renew();
    } catch {
      // the server is gone for a moment; the next step asks again
    }
  }
  setTimeout(follow, step);
}
setTimeout(follow, step);
