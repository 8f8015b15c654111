// Marks where the reader is in the contents. The page reads without it.
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
