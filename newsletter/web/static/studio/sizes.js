// The widths of the panes and of the previewed page: by pointer, by arrow keys, back to usual by a double click.

const KEPT = "newsletter-studio-sizes";
const BOUNDS = { contents: [160, 480], writing: [280, 900], bottom: [90, 600] };

export function splitters(desk) {
  let sizes = {};
  try {
    sizes = JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    // nothing is kept here
  }
  const apply = () => {
    for (const name of Object.keys(BOUNDS)) {
      if (sizes[name]) document.querySelector(`[data-split="${name}"]`)?.setAttribute("aria-valuenow", sizes[name]);
      if (sizes[name]) desk.style.setProperty(`--${name}`, `${sizes[name]}px`);
      else desk.style.removeProperty(`--${name}`);
    }
  };
  const set = (name, value) => {
    const [least, most] = BOUNDS[name];
    sizes[name] = Math.round(Math.min(most, Math.max(least, value)));
    apply();
    localStorage.setItem(KEPT, JSON.stringify(sizes));
  };
  apply();
  for (const bar of document.querySelectorAll("[data-split]")) {
    const name = bar.dataset.split;
    const place = () => document.querySelector(`.${name}`).getBoundingClientRect();
    const upright = name !== "bottom";
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      document.body.classList.add("dragging");
    });
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      set(name, upright ? event.clientX - place().left : place().bottom - event.clientY);
    });
    bar.addEventListener("pointerup", () => document.body.classList.remove("dragging"));
    bar.addEventListener("dblclick", () => {
      delete sizes[name];
      apply();
      localStorage.setItem(KEPT, JSON.stringify(sizes));
    });
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -16, ArrowRight: 16, ArrowUp: 16, ArrowDown: -16 }[event.key];
      if (!step) return;
      event.preventDefault();
      set(name, (upright ? place().width : place().height) + step);
    });
  }
}

/** The edge of the previewed page; `chosen(width)` gets whole pixels when it is let go. */
export function grip(stage, chosen) {
  const frame = () => stage.querySelector("iframe");
  const to = (width) => {
    frame().width = Math.round(Math.min(2000, Math.max(280, width)));
    return Number(frame().width);
  };
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.id !== "grip") return;
    event.target.setPointerCapture(event.pointerId);
    document.body.classList.add("dragging");
  });
  stage.addEventListener("pointermove", (event) => {
    if (event.target.id !== "grip" || !event.target.hasPointerCapture(event.pointerId)) return;
    const { left, width } = frame().getBoundingClientRect();
    to(2 * (event.clientX - (left + width / 2))); // the page stands in the middle
  });
  stage.addEventListener("pointerup", (event) => {
    if (event.target.id !== "grip") return;
    document.body.classList.remove("dragging");
    chosen(Number(frame().width));
  });
  stage.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -8, ArrowRight: 8 }[event.key];
    if (event.target.id !== "grip" || !step) return;
    event.preventDefault();
    chosen(to(frame().getBoundingClientRect().width + step));
  });
}
