// Chapter 14: what is known of a point of which a coordinate is hidden.

import { conditional, eStep, logGaussian, marginal, totalCovariance, totalMean } from "../em.js";
import { data } from "../data.js";
import { fits } from "../fits.js";
import { colors, html, icon, number, outlines, picture, pointMarks, rangeOf, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "Hide a coordinate, and see what is left";
export const hint = "Drag the black cross from island to island while y is hidden. The curves along the line are the density of y, given x: where is it broad, and where does it have two peaks? Then hide x instead.";

const points = data.islands, mixture = fits.truth;
const names = ["x", "y"];

export function build(host) {
  const ui = shell(host, { title, hint, name: "missing" });
  const state = { place: [3.6, 4], hidden: [false, true] }, colored = eStep(points, mixture).responsibilities;
  const small = () => ui.stage.clientWidth < 560;
  const plot = picture(ui.panel("wide"), {
    name: "The islands, and a point to drag", x: rangeOf(points.map((point) => point[0])), y: rangeOf(points.map((point) => point[1])), labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.78, most: 460, room: 3,
  });
  const bars = picture(ui.panel("narrow"), {
    name: "The responsibilities", x: [0, 2], y: [0, 1.04], labels: ["responsibilities from", ""], bare: true, role: "img", xTicks: [[0.5, "both"], [1.5, "what is seen"]],
    tall: () => (small() ? 190 : plot.element.clientHeight), redraw: draw, font: () => plot.frame?.font ?? 14,
  });
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 });
  const handle = plot.group("the point", { kind: "handle", reach: 26, direct: true, drag: (_, place) => ((state.place = place), draw()) });
  names.forEach((name, d) => ui.choice(`hide ${name}`, (on) => ((state.hidden[d] = on), draw()), state.hidden[d]));

  const known = () => Object.fromEntries([0, 1].filter((d) => !state.hidden[d]).map((d) => [d, state.place[d]]));
  const seen = () => [0, 1].filter((d) => !state.hidden[d]);

  // the responsibilities from both coordinates, and from those that are seen alone
  function shares() {
    const both = eStep([state.place], mixture).responsibilities[0], dims = seen();
    const left = dims.length ? eStep([dims.map((d) => state.place[d])], marginal(mixture, dims)).responsibilities[0] : mixture.weights;
    return [both, left];
  }

  // the densities of coordinate d along its axis, drawn away from a base line at the given place of the other axis
  function sideways(of, d, base) {
    const [low, high] = [plot.frame.x, plot.frame.y][d], size = 4;
    const at = Array.from({ length: 181 }, (_, i) => low + (i / 180) * (high - low));
    const places = at.map((t) => [t]);
    const parts = of.weights.map((share, k) => logGaussian(places, of.means[k], of.covariances[k]).map((log) => share * Math.exp(log)));
    const path = (values) => plot.path(at.map((t, i) => (d ? [base + size * values[i], t] : [t, base + size * values[i]])));
    return [...parts.flatMap((values, k) => [svg("path", { d: path(values), fill: colors[k], opacity: 0.25 }), svg("path", { class: "curve", stroke: colors[k], d: path(values) })]), svg("path", { class: "curve total", d: path(at.map((_, i) => parts.reduce((sum, values) => sum + values[i], 0))) })];
  }

  const rest = () => (state.hidden.includes(true) ? conditional(mixture, known()) : null);

  function draw() {
    plot.fit();
    bars.fit();
    const [both, left] = shares(), given = rest(), { place, hidden } = state, { x, y, font } = plot.frame;
    dots(pointMarks(points, colored, 2.6, () => null).map((mark) => ({ ...mark, extra: "pale" })));
    plot.draw("back", outlines(plot, mixture));
    const one = hidden[0] !== hidden[1] ? (hidden[0] ? 0 : 1) : -1, lines = [], curves = [];
    if (one >= 0) {
      const ends = one ? [[place[0], y[0]], [place[0], y[1]]] : [[x[0], place[1]], [x[1], place[1]]];
      lines.push(svg("path", { class: "guide", d: plot.path(ends) }));
      curves.push(...sideways(given, one, place[1 - one]));
      const [mean] = totalMean(given), spread = Math.sqrt(totalCovariance(given)[0][0]), at = (t) => (one ? [place[0], t] : [t, place[1]]);
      const [mx, my] = plot.toPixels(at(mean));
      lines.push(svg("path", { class: "spread", d: plot.path([at(mean - spread), at(mean + spread)]) }), svg("circle", { class: "here", cx: mx, cy: my, r: 7 }),
        svg("text", { class: "name", x: mx - (one ? font * 0.8 : 0), y: my + (one ? font * 0.35 : font * 1.7), "text-anchor": one ? "end" : "middle" }, `expect ${number(mean, 2)}`));
    } else if (hidden[0]) {
      curves.push(...sideways(marginal(given, [0]), 0, y[0]), ...sideways(marginal(given, [1]), 1, x[0]));
    }
    plot.draw("curves", curves);
    plot.draw("lines", lines);
    handle([{ place, marker: "P", size: 11, fill: "var(--ink)", label: `the point, x ${number(place[0], 2)}${hidden[0] ? ", hidden" : ""}, y ${number(place[1], 2)}${hidden[1] ? ", hidden" : ""}`, extra: hidden.includes(true) ? "veiled" : "" }]);
    bars.draw("points", bar(0, both), bar(1, left));
    const list = (gamma) => gamma.map((share) => number(share, 2)).join(", ");
    bars.element.setAttribute("aria-label", `Responsibilities from both coordinates ${list(both)}; from what is seen ${list(left)}`);
    tell(left, given, one);
  }

  function tell(left, given, one) {
    const told = one < 0
      ? [html("span", { class: "line" }, state.hidden[0] ? "Nothing is seen, so the responsibilities are the weights, and what is left is the mixture itself." : "Both coordinates are seen. Hide one.")]
      : [html("span", { class: "line" }, `${names[1 - one]} = ${number(state.place[1 - one], 2)} is seen. Expect ${names[one]} = `, html("b", {}, number(totalMean(given)[0], 2)),
        ` with standard deviation ${number(Math.sqrt(totalCovariance(given)[0][0]), 2)}; the hidden value is ${number(state.place[one], 2)}.`),
      ...left.map((share, k) => html("span", { class: "line soft" }, icon(k), `responsibility ${number(share, 3)}, expects ${number(given.means[k][0], 2)} with standard deviation ${number(Math.sqrt(given.covariances[k][0][0]), 2)}`))];
    ui.say(...told);
  }

  function bar(index, parts) {
    let low = 0;
    return parts.flatMap((part, k) => {
      const [x0, y0] = bars.toPixels([index + 0.15, low]), [x1, y1] = bars.toPixels([index + 0.85, (low += part)]), { font } = bars.frame;
      const box = svg("rect", { x: x0, y: y1, width: x1 - x0, height: Math.max(0, y0 - y1), fill: colors[k], class: "bar" });
      return y0 - y1 > 1.4 * font ? [box, svg("text", { class: "on", x: (x0 + x1) / 2, y: (y0 + y1) / 2 + font * 0.35, "text-anchor": "middle" }, number(part, 2))] : [box];
    });
  }

  draw();
  return { state, plot, draw, shares, rest };
}
