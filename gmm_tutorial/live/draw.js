// What every live figure draws with: looks, numbers, axes, and a picture whose marks are dragged by mouse, finger and keys.

import { factors, axesOf, covarianceOf } from "./em.js";

// ---- looks: a component's color, marker and line, as in the pictures of the course

export const colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
export const gray = "#767676";
export const markers = ["o", "^", "s", "D", "v", "P"];
export const lines = ["-", "--", "-.", ":", "-..", "-"];
// each marker as a path of about the same area, one unit in radius
export const paths = {
  "o": "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
  "^": "M0-1.15L1.15 1H-1.15Z",
  "s": "M-.9-.9H.9V.9H-.9Z",
  "D": "M0-1.25L1.25 0L0 1.25L-1.25 0Z",
  "v": "M0 1.15L1.15-1H-1.15Z",
  "P": "M-.45-1.2H.45V-.45H1.2V.45H.45V1.2H-.45V.45H-1.2V-.45H-.45Z",
};
export const cross = "M0 .55L.65 1.2L1.2 .65L.55 0L1.2-.65L.65-1.2L0-.55L-.65-1.2L-1.2-.65L-.55 0L-1.2 .65L-.65 1.2Z";
export const dashes = { "-": "", "--": "7 3", "-.": "11 3 2 3", ":": "2 3", "-..": "11 2 2 2 2 2" };
export const words = { "o": "circle", "^": "triangle", "s": "square", "D": "diamond", "v": "triangle downward", "P": "plus" };
export const dash = (k) => dashes[lines[k]];

// colorₙ = Σₖ γₙₖ colorₖ
export function color(gamma) {
  const channels = [1, 3, 5].map((at) => gamma.reduce((total, share, k) => total + share * parseInt(colors[k].slice(at, at + 2), 16), 0));
  return `rgb(${channels.map(Math.round).join(" ")})`;
}

// ---- elements and numbers

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
  return element;
}

export function svg(name, attributes = {}, ...children) {
  const element = set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
  element.append(...children);
  return element;
}

export function html(name, attributes = {}, ...children) {
  const element = set(document.createElement(name), attributes);
  element.append(...children);
  return element;
}

export const number = (x, digits) => (Number(x.toFixed(digits)) + 0).toFixed(digits).replace("-", "−");
export const last = (list) => list[list.length - 1];
export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// a marker of a component, to stand in a line of text
export const icon = (k) =>
  svg("svg", { class: "icon", viewBox: "-1.6 -1.6 3.2 3.2", "aria-hidden": "true" }, svg("path", { d: paths[markers[k]], fill: colors[k] }));

export const line = (places) => places.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

// μ + r L (cos t, sin t)ᵀ
export function ellipse(mean, factor, radius) {
  return Array.from({ length: 73 }, (_, i) => {
    const [cos, sin] = [Math.cos((2 * Math.PI * i) / 72), Math.sin((2 * Math.PI * i) / 72)];
    return mean.map((mu, d) => mu + radius * (factor[d][0] * cos + factor[d][1] * sin));
  });
}

export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9));
  const digits = Math.max(0, -Math.floor(Math.log10(size) + 1e-9));
  const places = [];
  for (let i = Math.ceil(low / size - 1e-9); i * size <= high + 1e-9 * size; i++) places.push([i * size, number(i * size, digits)]);
  return places;
}

// from the lowest to the highest, and a margin
export function rangeOf(numbers, margin = 0.12) {
  const low = Math.min(...numbers), high = Math.max(...numbers);
  const more = margin * (high - low) || 1;
  return [low - more, high + more];
}

// ---- a picture: axes, layers to draw into, and groups of marks that can be taken hold of

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
let made = 0;

// options: x and y, the ranges; labels; equal, one unit as long on both axes; ratio, height by width; bare, without a y axis
export function picture(host, options) {
  const id = `live-${++made}`;
  const layers = Object.fromEntries(["axes", "back", "curves", "points", "lines", "front"].map((name) => [name, svg("g")]));
  const clip = svg("rect");
  const element = svg("svg", { class: "picture", role: options.role ?? "group", "aria-label": options.name },
    svg("clipPath", { id }, clip), ...Object.values(layers));
  for (const name of ["back", "curves", "lines"]) set(layers[name], { "clip-path": `url(#${id})`, "aria-hidden": "true", class: "behind" });
  set(layers.axes, { "aria-hidden": "true", class: "behind" });
  host.append(element);

  const groups = [];
  const self = { element, layers, frame: null, options, armed: null };

  self.toPixels = ([x, y]) => {
    const { left, top, width, height, x: [x0, x1], y: [y0, y1] } = self.frame;
    return [left + (width * (x - x0)) / (x1 - x0), top + height - (height * (y - y0)) / (y1 - y0)];
  };
  self.fromPixels = ([x, y]) => {
    const { left, top, width, height, x: [x0, x1], y: [y0, y1] } = self.frame;
    return [x0 + ((x - left) / width) * (x1 - x0), y0 + ((top + height - y) / height) * (y1 - y0)];
  };
  self.inside = (place) => [self.frame.x, self.frame.y].map(([low, high], d) => clamp(place[d], low, high));
  self.path = (places) => line(places.map(self.toPixels));

  // the frame for the room there is, and the axes in it
  self.fit = (changes = {}) => {
    Object.assign(options, changes);
    const outer = Math.max(240, host.clientWidth);
    const most = options.most ?? 560;
    const ratio = options.ratio ?? 0.7, narrow = outer < 480; // on a phone a picture is nearly as high as wide
    const tall = options.tall?.() ?? clamp(Math.round(outer * (narrow ? Math.max(ratio, 0.9) : ratio)), 120, most);
    const font = options.font?.(outer) ?? clamp(outer / 46, 13, 22);
    const left = options.bare ? 10 : font * (options.room ?? 3.7), below = font * (options.labels[0] ? 3.3 : 1.8);
    const frame = { left, top: font * 0.7, width: outer - left - 10, height: tall - font * 0.7 - below, font, narrow };
    const { x, y } = options;
    const perPixel = [(x[1] - x[0]) / frame.width, (y[1] - y[0]) / frame.height];
    const most_ = Math.max(...perPixel);
    const widened = ([low, high], factor) => [(low + high) / 2 - ((high - low) / 2) * factor, (low + high) / 2 + ((high - low) / 2) * factor];
    frame.x = options.equal ? widened(x, most_ / perPixel[0]) : x;
    frame.y = options.equal ? widened(y, most_ / perPixel[1]) : y;
    self.frame = frame;
    set(element, { width: outer, height: tall, "font-size": font });
    set(clip, { x: frame.left, y: frame.top, width: frame.width, height: frame.height });
    drawAxes();
    return frame;
  };

  function drawAxes() {
    const { left, top, width, height, font, x, y } = self.frame;
    const bottom = top + height, drawn = [svg("rect", { class: "ground", x: left, y: top, width, height })];
    for (const [value, text] of options.xTicks ?? ticks(...x, Math.min(width / (font * 4.5), options.whole ? x[1] - x[0] : Infinity))) {
      const at = self.toPixels([value, y[0]])[0];
      drawn.push(svg("line", { class: "tick", x1: at, x2: at, y1: bottom, y2: bottom + 5 }));
      drawn.push(svg("text", { x: at, y: bottom + font * 1.4, "text-anchor": "middle" }, text));
    }
    if (!options.bare) {
      for (const [value, text] of options.yTicks ?? ticks(...y, height / (font * 3.2))) {
        const at = self.toPixels([x[0], value])[1];
        drawn.push(svg("line", { class: "tick", x1: left - 5, x2: left, y1: at, y2: at }));
        drawn.push(svg("text", { x: left - 8, y: at + font * 0.33, "text-anchor": "end" }, text));
      }
      drawn.push(svg("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(${font} ${top + height / 2}) rotate(-90)` }, options.labels[1] ?? ""));
    }
    drawn.push(svg("text", { x: left + width / 2, y: bottom + font * 2.8, "text-anchor": "middle" }, options.labels[0] ?? ""));
    drawn.push(svg("rect", { class: "frame", x: left, y: top, width, height }));
    layers.axes.replaceChildren(...drawn);
  }

  self.draw = (name, ...elements) => layers[name].replaceChildren(...elements.flat());

  // ---- marks

  // look: { reach, drag(i, place), select(i), hover(i or −1), key(i, event), roving, direct, role, layer }
  self.group = (name, look) => {
    const passive = !look.drag && !look.select; // only to be seen
    const group = { name, items: [], current: 0, passive, holder: svg("g", passive ? { "aria-hidden": "true" } : { role: "group", "aria-label": name }), ...look };
    layers[look.layer ?? "front"].append(group.holder);
    groups.push(group);
    return (items) => {
      group.items = items;
      const { holder } = group;
      while (holder.children.length > items.length) holder.lastChild.remove();
      while (holder.children.length < items.length) holder.append(makeMark(passive && group.kind === "point"));
      group.current = clamp(group.current, 0, Math.max(0, items.length - 1));
      items.forEach((item, i) => drawMark(group, holder.children[i], item, i));
      return group;
    };
  };

  // a point that is only looked at needs no more than its face, and a ring that may stand around it
  const makeMark = (plain) => svg("g", {}, ...(plain ? [] : [svg("circle", { class: "hit" })]), svg("circle", { class: "ring" }),
    ...(plain ? [] : [svg("path", { class: "back", "vector-effect": "non-scaling-stroke" })]), svg("path", { class: "face", "vector-effect": "non-scaling-stroke" }));

  function drawMark(group, mark, { place, label, marker = "o", size = 6, fill, stroke, extra = "" }, i) {
    const [x, y] = self.toPixels(place), small = self.frame.narrow && group.passive ? 0.75 : 1;
    const scale = small * size * Math.max(1, self.frame.font / 15);
    const armed = self.armed?.group === group && self.armed.index === i;
    set(mark, {
      class: `mark ${group.kind ?? "handle"} ${extra}${armed ? " armed" : ""}${group.direct ? " direct" : ""}`, transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
      ...(group.passive ? {} : {
        role: "button", "aria-roledescription": group.drag ? `movable ${group.kind ?? "handle"}` : null, "aria-label": label,
        tabindex: group.roving && i !== group.current ? -1 : 0,
      }),
    });
    const [face, back, ring, hit] = mark.children.length < 4 ? [mark.children[1], null, mark.children[0], null] : [...mark.children].reverse();
    if (hit) set(hit, { r: group.reach ?? 18 });
    set(ring, { r: scale + 6 });
    if (back) set(back, { d: paths[marker], transform: `scale(${scale})` });
    set(face, { d: paths[marker], transform: `scale(${scale})`, fill: fill ?? null, stroke: stroke ?? null });
  }

  const indexOf = (group, target) => [...group.holder.children].indexOf(target.closest(".mark"));
  self.focus = (name, i) => {
    const group = groups.find((candidate) => candidate.name === name);
    group.current = i;
    group.holder.querySelectorAll('[tabindex="0"]').forEach((mark) => group.roving && mark.setAttribute("tabindex", -1));
    group.holder.children[i]?.setAttribute("tabindex", 0);
    group.holder.children[i]?.focus({ preventScroll: true });
  };
  self.arm = (name, i) => {
    self.armed = name === null ? null : { group: groups.find((candidate) => candidate.name === name), index: i };
    for (const group of groups) {
      [...group.holder.children].forEach((mark, n) => mark.classList.toggle("armed", self.armed?.group === group && self.armed.index === n));
    }
  };

  // ---- mouse and finger

  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  // the nearest mark within reach; handles and means come before points
  function find(pixels, finger) {
    for (const behind of [false, true]) {
      let found = null, least = Infinity;
      for (const group of groups.filter((candidate) => !candidate.passive && (candidate.layer === "points") === behind)) {
        const reach = (group.reach ?? 18) + (finger ? 8 : 0);
        group.items.forEach(({ place }, index) => {
          const [x, y] = self.toPixels(place), distance = Math.hypot(x - pixels[0], y - pixels[1]);
          if (distance <= reach && distance <= least) [found, least] = [{ group, index }, distance];
        });
      }
      if (found) return found;
    }
    return null;
  }

  // what a finger may take hold of at once; anything else has to be tapped first, so that a scroll moves nothing
  const ready = ({ group, index }) => group.direct || (self.armed?.group === group && self.armed.index === index);

  let held = null, spraying = false;

  // a finger on such a mark does not scroll (browsers do not obey touch-action inside a picture)
  element.addEventListener("touchstart", (event) => {
    const found = event.touches.length === 1 && !options.tool?.() && find(at(event.touches[0]), true);
    if (found && ready(found) && event.cancelable) event.preventDefault();
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || !event.isPrimary) return;
    const pixels = at(event), finger = event.pointerType === "touch";
    if (options.tool?.()) {
      if (finger && !options.toolHolds?.()) return;
      event.preventDefault();
      spraying = true;
      element.setPointerCapture(event.pointerId);
      options.onTool(self.inside(self.fromPixels(pixels)), "down", finger);
      return;
    }
    const found = find(pixels, finger);
    if (!found) return;
    const { group, index } = found;
    if (finger && !ready(found)) return;
    event.preventDefault();
    const [x, y] = self.toPixels(group.items[index].place);
    held = { group, index, offset: [x - pixels[0], y - pixels[1]], moved: false };
    group.grasp?.(index);
    element.setPointerCapture(event.pointerId);
    self.focus(group.name, index);
  });

  element.addEventListener("pointermove", (event) => {
    const pixels = at(event);
    if (spraying) return options.onTool(self.inside(self.fromPixels(pixels)), "move");
    if (held?.group.drag) {
      held.moved = true;
      const place = self.inside(self.fromPixels(pixels.map((x, d) => x + held.offset[d])));
      return held.group.drag(held.index, place, { finger: event.pointerType === "touch" });
    }
    if (event.pointerType === "touch") return;
    const found = held ? null : find(pixels, false);
    for (const group of groups) if (group.hover) group.hover(found?.group === group ? found.index : -1);
  });

  element.addEventListener("pointerleave", () => {
    for (const group of groups) group.hover?.(-1);
  });

  function release() {
    if (spraying) options.onTool(null, "up");
    if (held?.moved) held.group.drop?.(held.index);
    if (held && !held.moved) held.group.select?.(held.index);
    self.justHeld = Boolean(held) || spraying;
    setTimeout(() => (self.justHeld = false), 60);
    [held, spraying] = [null, false];
  }
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);

  element.addEventListener("click", (event) => {
    const mark = event.target.closest?.(".mark");
    if (mark && !event.detail) { // pressed by a screen reader
      const group = groups.find((candidate) => candidate.holder === mark.parentNode);
      return group.select?.(indexOf(group, mark));
    }
    if (self.justHeld) return void (self.justHeld = false);
    const found = find(at(event), true);
    if (options.tool?.()) return options.toolHolds?.() ? undefined : options.onTap?.(self.inside(self.fromPixels(at(event))));
    self.arm(found?.group.drag ? found.group.name : null, found?.index);
    if (!found) return options.onNothing?.(self.inside(self.fromPixels(at(event))));
    self.focus(found.group.name, found.index);
    found.group.select?.(found.index);
  });

  // ---- keys

  // (an SVG element that listens to the focus can be reached by the Tab key itself, so the host listens)
  host.addEventListener("focusin", (event) => {
    const mark = event.target.closest(".mark"), group = mark && groups.find((candidate) => candidate.holder === mark.parentNode);
    group?.focus?.(indexOf(group, mark));
  });

  element.addEventListener("keydown", (event) => {
    const mark = event.target.closest(".mark");
    if (!mark || event.ctrlKey || event.altKey || event.metaKey) return;
    const group = groups.find((candidate) => candidate.holder === mark.parentNode);
    const index = indexOf(group, mark);
    if (group.key?.(index, event)) return void event.preventDefault();
    if (event.key in ARROWS && group.drag) {
      const step = event.shiftKey ? 0.004 : 0.02, by = ARROWS[event.key];
      const { x, y } = self.frame, spans = [x[1] - x[0], y[1] - y[0]];
      group.grasp?.(index);
      group.drag(index, self.inside(group.items[index].place.map((value, d) => value + by[d] * step * spans[d])), { keys: true });
      group.drop?.(index);
    } else if ((event.key === "Enter" || event.key === " ") && group.select) {
      group.select(index);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  // drawn again when there is another width
  let width = 0;
  new ResizeObserver(() => {
    if (host.clientWidth === width || !host.clientWidth) return;
    width = host.clientWidth;
    options.redraw?.();
  }).observe(host);

  return self;
}

// ---- what pictures of mixtures have in common

export function outlines(plot, mixture, radii = [1, 2]) {
  const L = factors(mixture);
  return mixture.means.flatMap((mean, k) => radii.flatMap((radius) => {
    const d = plot.path(ellipse(mean, L[k], radius));
    return [svg("path", { class: "halo", d }), svg("path", { class: `ellipse r${radius}`, d, stroke: colors[k], "stroke-dasharray": dash(k) })];
  }));
}

export const meanMarks = (mixture, name = (k) => `mean of component ${k}`) => mixture.means.map((place, k) => ({
  place, marker: markers[k], size: 7, stroke: colors[k], label: name(k),
}));

export const pointMarks = (points, responsibilities, size, name) => points.map((place, n) => {
  const gamma = responsibilities?.[n];
  return { place, size, marker: gamma ? markers[gamma.indexOf(Math.max(...gamma))] : "o", fill: gamma ? color(gamma) : gray, label: name(n) };
});

// A covariance as two axes that are perpendicular on the screen: ratio is how many units of y are as long as one unit of x.
export const ratioOf = ({ frame: { x, y, width, height } }) => ((y[1] - y[0]) / height) / ((x[1] - x[0]) / width);
const squeezed = ([[a, b], [, c]], ratio) => [[a, b / ratio], [b / ratio, c / ratio ** 2]];
export const axesOn = (plot, covariance) => axesOf(squeezed(covariance, ratioOf(plot)));
export const covarianceOn = (plot, axes) => squeezed(covarianceOf(axes), 1 / ratioOf(plot));

// where the handles of an ellipse are: the ends of its two axes
export const axisEnds = (plot, mean, { radii, angle }) => radii.map((length, end) => {
  const direction = angle + (end * Math.PI) / 2;
  return [mean[0] + length * Math.cos(direction), mean[1] + ratioOf(plot) * length * Math.sin(direction)];
});

// the axes after one end was dragged to a place: both turn, one gets another length
export function turned(plot, mean, { radii }, end, place) {
  const away = [place[0] - mean[0], (place[1] - mean[1]) / ratioOf(plot)];
  const length = Math.max(Math.hypot(...away), 0.02 * Math.max(...radii));
  return { radii: radii.map((radius, i) => (i === end ? length : radius)), angle: Math.atan2(away[1], away[0]) - (end * Math.PI) / 2 };
}

// a curve over a range of x
export const curve = (plot, f, count = 240) => plot.path(Array.from({ length: count + 1 }, (_, i) => {
  const x = plot.frame.x[0] + (i / count) * (plot.frame.x[1] - plot.frame.x[0]);
  return [x, f(x)];
}));

// where f crosses a level: short lines through the cells of a grid, each cell cut where f is interpolated
export function contour(plot, f, level, columns = 90, rows = 70) {
  const { x, y } = plot.frame;
  const at = (i, j) => [x[0] + (i / columns) * (x[1] - x[0]), y[0] + (j / rows) * (y[1] - y[0])];
  const values = Array.from({ length: columns + 1 }, (_, i) => f(Array.from({ length: rows + 1 }, (_, j) => at(i, j))));
  const parts = [];
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts = [];
      corners.forEach(([a, b], side) => {
        const [c, d] = corners[(side + 1) % 4], one = values[a][b] - level, two = values[c][d] - level;
        if (one > 0 === two > 0) return;
        const t = one / (one - two), [p, q] = [at(a, b), at(c, d)];
        cuts.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
      });
      for (let cut = 0; cut + 1 < cuts.length; cut += 2) parts.push(plot.path(cuts.slice(cut, cut + 2)));
    }
  }
  return parts.join("");
}
