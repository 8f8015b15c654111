// Marks where the reader is in the contents, and shows figures large. The page reads without it.
(function () {
  "use strict";
  var nav = document.querySelector(".contents");
  if (!nav) return;
  var links = Array.prototype.slice.call(nav.querySelectorAll("li a, .alone a"));
  var targets = links.map(function (a) {
    return document.getElementById(decodeURIComponent(a.hash.slice(1)));
  });
  var waiting = false;

  function mark() {
    waiting = false;
    var line = window.innerHeight * 0.3, article = null, heading = null;
    var root = document.documentElement;
    if (root.scrollTop > 0 && root.scrollTop + window.innerHeight >= root.scrollHeight - 2) line = Infinity;
    links.forEach(function (a, i) {
      if (!targets[i]) return;
      var outer = !a.parentNode.parentNode.closest(".contents li");
      if (targets[i].getBoundingClientRect().top > line && (article || !outer)) return;
      if (outer) { article = a; heading = null; } else { heading = a; }
    });
    links.forEach(function (a) {
      var here = a === article || a === heading;
      a.parentNode.classList.toggle("here", here);
      if (a === (heading || article)) a.setAttribute("aria-current", "location");
      else a.removeAttribute("aria-current");
    });
  }

  function ask() {
    if (waiting) return;
    waiting = true;
    window.requestAnimationFrame(mark);
  }

  document.documentElement.classList.add("marked");
  window.addEventListener("scroll", ask, { passive: true });
  window.addEventListener("resize", ask);
  mark();
})();

(function () {
  "use strict";
  var close = document.currentScript && document.currentScript.dataset.close;
  var dialog = document.createElement("dialog");
  if (!dialog.showModal) return;
  dialog.className = "large-figure";

  function leave() { dialog.close(); }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a.large");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    var shown = link.querySelector("img").cloneNode(), caption = link.parentNode.querySelector("figcaption");
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", close || "×");
    dialog.setAttribute("aria-label", shown.alt);
    dialog.replaceChildren(button, shown);
    if (caption) {
      var words = document.createElement("p");
      words.innerHTML = caption.innerHTML;
      words.querySelectorAll("[id]").forEach(function (one) { one.removeAttribute("id"); });
      dialog.append(words);
    }
    if (!dialog.isConnected) document.body.append(dialog);
    dialog.showModal();
  });
  dialog.addEventListener("click", function (event) {
    if (!event.target.closest("a[href^=http]")) leave();
  });
})();
