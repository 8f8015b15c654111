// The frame of the mail is as wide as was chosen. Where the pane has less room, all of it is shown smaller, and how
// much is said beside the widths; on a phone, unless a width is chosen, the mail has the phone's own.

const PHONE = 900; // pixels of the window below which the studio is two tabs

export function fitted(stage) {
  const fit = () => {
    const frame = stage.querySelector("iframe");
    const sign = document.getElementById("scale");
    if (sign) sign.textContent = "";
    if (!frame) return;
    const chosen = new URLSearchParams(location.search).has("width");
    const own = innerWidth < PHONE && !chosen;
    const wanted = Number(frame.getAttribute("width"));
    const grip = stage.querySelector(".grip")?.offsetWidth ?? 0;
    const room = stage.clientWidth - grip;
    const scale = !own && wanted > room && room > 0 ? room / wanted : 1;
    Object.assign(frame.style, {
      width: own ? "100%" : "",
      maxWidth: own ? "" : "none",
      height: scale < 1 ? `${100 / scale}%` : "",
      marginRight: scale < 1 ? `${room - wanted}px` : "",
      transform: scale < 1 ? `scale(${scale})` : "",
    });
    if (sign && scale < 0.995) sign.textContent = `${Math.round(scale * 100)} %`;
    if (own) mark();
  };
  new ResizeObserver(fit).observe(stage);
  new MutationObserver(fit).observe(stage, {
    attributes: true,
    attributeFilter: ["width"],
    childList: true,
    subtree: true,
  });
  fit();
  return fit;
}

/** What is shown is the whole width, whatever would be usual in a larger window. */
function mark() {
  const links = [...document.querySelectorAll(".widths a")];
  const full = links.find((one) => new URL(one.href).searchParams.get("width") === "full");
  if (!full) return;
  for (const one of links) one.removeAttribute("aria-current");
  full.setAttribute("aria-current", "true");
}
