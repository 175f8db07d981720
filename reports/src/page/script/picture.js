// One picture with its story: step from moment to moment, zoom, move, and see what belongs together.

const ZOOM_MOST = 8;

class Picture {
  constructor(finding) {
    this.finding = finding;
    this.scroll = finding.querySelector("figure .scroll");
    this.svg = this.scroll.querySelector("svg");
    this.marks = [...this.svg.querySelectorAll("[data-t]")];
    this.lines = [...finding.querySelectorAll(".story li[data-t]")];
    this.scale = this.svg.dataset.scale.split(" ").map((point) => point.split(":").map(Number));
    const { width, height } = this.svg.viewBox.baseVal;
    Object.assign(this, { width, height, zoom: 1, at: null });
    const last = this.scale.at(-1)[0];
    const times = [...this.marks, ...this.lines].flatMap((of) => [of.dataset.t, of.dataset.u ?? of.dataset.t]);
    this.moments = [...new Set(times.map(Number))].filter((at) => at <= last).sort((one, other) => one - other);
    this.labels = [...this.svg.querySelectorAll(".session .player, .hold .owner")].map((text) => {
      const last = this.x(Number(text.parentNode.dataset.u)) - text.getComputedTextLength() - 2;
      return { text, first: Number(text.getAttribute("x")), last };
    });
    this.addCursor();
    this.addControls();
    this.listen();
  }

  /** Where a moment is, in the picture's own units. */
  x(at) {
    const after = this.scale.findIndex(([moment]) => moment > at);
    if (after < 0) return this.scale.at(-1)[1];
    if (after === 0) return this.scale[0][1];
    const [[from, left], [until, right]] = [this.scale[after - 1], this.scale[after]];
    return left + ((at - from) / (until - from)) * (right - left);
  }

  addCursor() {
    this.cursor = document.createElementNS(this.svg.namespaceURI, "line");
    this.cursor.setAttribute("class", "cursor");
    this.cursor.setAttribute("y1", "48");
    this.cursor.setAttribute("y2", this.height);
    this.gutter = this.svg.querySelector(".gutter");
    this.svg.insertBefore(this.cursor, this.gutter);
  }

  addControls() {
    const bar = document.createElement("div");
    bar.className = "controls";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Picture");
    const controls = [
      ["|◀", "first moment (Home)", () => this.step(-Infinity)],
      ["◀", "moment before (left arrow)", () => this.step(-1)],
      ["▶", "next moment (right arrow)", () => this.step(1)],
      ["▶|", "last moment (End)", () => this.step(Infinity)],
      ["✱ step at fault", "go to the step at fault (F)", () => this.go(this.moment(".at-fault"))],
      ["▼ finding", "go to the finding (G)", () => this.go(this.moment(".finding"))],
      ["−", "zoom out (-)", () => this.zoomTo(this.zoom / 1.5)],
      ["+", "zoom in (+)", () => this.zoomTo(this.zoom * 1.5)],
      ["fit", "the whole picture (0)", () => this.fit()],
    ];
    for (const [text, title, act] of controls) {
      if (text.startsWith("✱") && this.moment(".at-fault") === null) continue;
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, title, onclick: act });
      button.setAttribute("aria-label", title);
      bar.append(button);
    }
    this.now = Object.assign(document.createElement("output"), { className: "now" });
    this.now.setAttribute("aria-live", "polite");
    this.scroll.before(bar, this.now);
    this.tell("Step with the arrow keys or the buttons; point at anything, or tap it, for what it is.");
  }

  listen() {
    const keys = {
      ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      f: () => this.go(this.moment(".at-fault")), g: () => this.go(this.moment(".finding")),
      "+": () => this.zoomTo(this.zoom * 1.5), "=": () => this.zoomTo(this.zoom * 1.5),
      "-": () => this.zoomTo(this.zoom / 1.5), 0: () => this.fit(),
    };
    this.scroll.addEventListener("keydown", (event) => {
      const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    });
    this.scroll.addEventListener("scroll", () => this.keepNames());
    this.scroll.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoomTo(this.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
    }, { passive: false });
    this.svg.addEventListener("pointerover", (event) => this.point(event.target.closest("[data-t]")));
    this.svg.addEventListener("pointerleave", () => this.point(null));
    this.svg.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-t]");
      if (mark !== null && !this.dragged) this.go(Number(mark.dataset.t), mark);
    });
    for (const line of this.lines) this.listenToLine(line);
    this.drag();
  }

  listenToLine(line) {
    line.addEventListener("pointerenter", () => this.mark([line]));
    line.addEventListener("pointerleave", () => this.mark([]));
    const time = line.querySelector("time");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: time.textContent });
    button.title = "show in the picture";
    button.onclick = () => this.go(Number(line.dataset.t));
    time.replaceChildren(button);
  }

  /** A mouse moves the picture; a finger does so by itself. */
  drag() {
    let from = null;
    this.svg.addEventListener("pointerdown", (event) => {
      this.dragged = false;
      if (event.pointerType === "mouse" && event.button === 0) from = { x: event.clientX, left: this.scroll.scrollLeft };
    });
    addEventListener("pointermove", (event) => {
      if (from === null) return;
      this.dragged ||= Math.abs(event.clientX - from.x) > 4;
      this.scroll.scrollLeft = from.left - (event.clientX - from.x);
    });
    addEventListener("pointerup", () => (from = null));
  }

  /** When a mark is, or null if there is none. */
  moment(selector) {
    const mark = this.svg.querySelector(`${selector}[data-t]`);
    return mark === null ? null : Number(mark.dataset.t);
  }

  /** The moment so many further; the first or the last for an infinite number. */
  step(by) {
    const last = this.moments.length - 1;
    const here = this.at === null ? -1 : this.moments.findLastIndex((moment) => moment <= this.at);
    const back = by < 0 && this.moments[here] < this.at ? 1 : 0;
    this.go(this.moments[Math.max(0, Math.min(last, here + by + back))]);
  }

  /** To a moment; to a mark of it, if it is one of several. */
  go(at, mark = null) {
    if (at === null) return;
    this.show(at, mark);
    address(this.finding.dataset.number, at);
  }

  /** Shows a moment: the nearest at which something happens. */
  show(at, mark = null) {
    const distance = (moment) => Math.abs(moment - at);
    this.at = this.moments.reduce((best, moment) => (distance(moment) < distance(best) ? moment : best));
    const x = this.x(this.at);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.cursor.classList.add("set");
    const belongs = (of) => [of.dataset.t, of.dataset.u].includes(String(this.at));
    const lines = this.lines.filter(belongs);
    const marks = mark === null ? this.marks.filter(belongs) : [mark];
    for (const line of this.lines) {
      if (!lines.includes(line)) line.removeAttribute("aria-current");
      else line.setAttribute("aria-current", "step");
    }
    for (const line of lines) line.closest(".folded details")?.setAttribute("open", "");
    this.mark([...lines, ...marks]);
    const words = mark === null && lines.length > 0 ? lines.map((line) => line.querySelector("span").textContent) : marks.map(titleOf);
    this.tell(`${told(this.at)}: ${[...new Set(words)].join("; ")}`);
    this.bringIn(x);
  }

  /** Scrolls so far that a place is seen, beside the names of the lanes. */
  bringIn(x) {
    const names = this.gutter.querySelector("rect").width.baseVal.value * this.zoom;
    const place = x * this.zoom;
    const { scrollLeft, clientWidth } = this.scroll;
    const room = Math.min(60, (clientWidth - names) / 4);
    if (place < scrollLeft + names + room || place > scrollLeft + clientWidth - room) {
      this.scroll.scrollLeft = place - names - (clientWidth - names) / 2;
    }
    this.keepNames();
  }

  /** What is pointed at, with everything that belongs to it; null for nothing. */
  point(mark) {
    if (mark === null) return this.mark([]);
    const times = [mark.dataset.t, mark.dataset.u];
    this.mark([mark, ...this.lines.filter((line) => times.includes(line.dataset.t))]);
    this.tell(titleOf(mark));
  }

  /** Marks these, and of a line everything in the picture that begins or ends with it. */
  mark(what) {
    for (const hot of this.finding.querySelectorAll(".hot")) hot.classList.remove("hot");
    for (const one of what) {
      one.classList.add("hot");
      if (one.localName !== "li") continue;
      const belongs = (mark) => [mark.dataset.t, mark.dataset.u].includes(one.dataset.t);
      this.marks.filter(belongs).forEach((mark) => mark.classList.add("hot"));
    }
  }

  tell(words) {
    this.now.textContent = words;
  }

  zoomTo(zoom) {
    const { scrollLeft, clientWidth } = this.scroll;
    const middle = this.at === null ? (scrollLeft + clientWidth / 2) / this.zoom : this.x(this.at);
    const least = Math.min(1, clientWidth / this.width);
    this.zoom = Math.max(least, Math.min(ZOOM_MOST, zoom));
    this.svg.setAttribute("width", this.width * this.zoom);
    this.svg.setAttribute("height", this.height * this.zoom);
    this.scroll.scrollLeft = middle * this.zoom - clientWidth / 2;
    this.keepNames();
  }

  fit() {
    this.zoomTo(this.scroll.clientWidth / this.width);
  }

  /** The names of the lanes stay at the left edge, and those of sessions and locks as far as these reach. */
  keepNames() {
    const left = this.scroll.scrollLeft / this.zoom;
    const edge = left + this.gutter.querySelector("rect").width.baseVal.value + 4;
    for (const { text, first, last } of this.labels) {
      text.setAttribute("x", Math.max(first, Math.min(edge, last)));
    }
    this.gutter.setAttribute("transform", `translate(${left},0)`);
    this.gutter.classList.toggle("over", left > 0);
  }

  /** What a finding shows when it is opened: the step at fault, or else the finding. */
  begin() {
    this.show(this.moment(".at-fault") ?? this.moment(".finding") ?? 0);
  }
}

/** What a mark is, in words. */
function titleOf(mark) {
  return mark.querySelector("title")?.textContent ?? "";
}

