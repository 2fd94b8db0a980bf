// Chapter 04: responsibilities as weights, which pull a mean and an ellipse.

import { cholesky, covariance, mean } from "../em.js";
import { clamp, colors, ellipse, html, number, picture, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "Responsibilities pull the mean and the ellipse";
export const hint = "Drag the bars: each is the responsibility of the component for one point. Give one point everything, then let a far point back in. You may drag the points too.";

const first = { points: [[1, 1.2], [2, 3], [2.8, 1.6], [4, 3.4], [5.2, 2.4], [6.4, 5], [8, 4.4]], gammas: [0.9, 0.9, 0.8, 0.6, 0.4, 0.2, 0.1] };

export function build(host) {
  const ui = shell(host, { title, hint, name: "weighted_mean" });
  const state = { points: [], gammas: [] };
  const small = () => ui.stage.clientWidth < 560;
  const plot = picture(ui.panel("wide"), { name: "The points, the mean and the ellipse", x: [-0.5, 9.5], y: [-0.5, 6.5], labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.75, most: 440, room: 3 });
  const bars = picture(ui.panel("narrow"), {
    name: "The responsibilities, to drag", x: [0.4, 7.6], y: [0, 1.08], labels: ["point", "responsibility γ"], whole: true, redraw: draw, room: 4.2, font: () => plot.frame?.font ?? 14, tall: () => (small() ? 220 : plot.element.clientHeight), xTicks: first.points.map((_, n) => [n + 1, String(n + 1)]),
  });
  const dots = plot.group("points", { kind: "point", reach: 18, roving: true, direct: true, drag: (n, place) => ((state.points[n] = place), draw()), drop: tell });
  const tops = bars.group("responsibilities", { kind: "handle", reach: 24, direct: true, drag: (n, place) => ((state.gammas[n] = clamp(place[1], 0, 1)), draw()), drop: tell });
  ui.button("All the same", () => put(first.gammas.map(() => 0.5)));
  ui.button("One point only", () => put(first.gammas.map((_, n) => Number(n === 3))));
  ui.button("As at first", () => {
    state.points = first.points.map((point) => [...point]);
    put(first.gammas);
  });

  function put(gammas) {
    state.gammas = [...gammas];
    draw();
    tell();
  }

  function answer() {
    const gamma = state.gammas.map((share) => [share]);
    const [mu] = mean(state.points, gamma), [sigma] = covariance(state.points, gamma, [mu]);
    return { mu, sigma, count: state.gammas.reduce((a, b) => a + b) };
  }

  function tell() {
    const { mu, sigma, count } = answer();
    if (count < 1e-6) return ui.say("All responsibilities are zero: there is nothing to average. Raise a bar.");
    const flat = cholesky(sigma).flat().every((x) => x === 0) || Math.sqrt(sigma[0][0] * sigma[1][1] - sigma[0][1] ** 2) < 1e-6;
    ui.say(html("span", { class: "line" }, `The responsibilities add up to ${number(count, 2)}: the component has that many points. `),
      html("span", { class: "line" }, `Mean (${mu.map((x) => number(x, 2)).join(", ")}), variances ${number(sigma[0][0], 2)} and ${number(sigma[1][1], 2)}, covariance ${number(sigma[0][1], 2)}.`),
      flat ? html("span", { class: "line soft" }, "The ellipse has shrunk to nothing, because one point alone has no spread.") : "");
  }

  function draw() {
    if (!state.points.length) return;
    plot.fit();
    bars.fit();
    const { mu, sigma, count } = answer(), sound = count > 1e-6;
    dots(state.points.map((place, n) => ({ place, size: 3 + 9 * Math.sqrt(state.gammas[n]), fill: colors[0], label: `point ${n + 1} at ${place.map((x) => number(x, 1)).join(", ")}, responsibility ${number(state.gammas[n], 2)}` })));
    const L = sound ? cholesky(sigma) : null, { font } = plot.frame;
    const cross = sound ? plot.toPixels(mu) : null;
    plot.draw("back", sound ? state.points.map((point, n) => svg("path", { class: "pull", d: plot.path([point, mu]), stroke: colors[0], "stroke-width": 8 * state.gammas[n], opacity: 0.3 })) : []);
    plot.draw("curves", sound ? [1, 2].map((radius) => svg("path", { class: `ellipse r${radius}`, d: plot.path(ellipse(mu, L, radius)), stroke: colors[0] })) : []);
    plot.draw("lines", sound ? svg("path", { class: "mean-cross", d: `M${cross[0] - 9} ${cross[1]}h18M${cross[0]} ${cross[1] - 9}v18` }) : [], sound ? svg("text", { class: "name", x: cross[0] + font * 0.7, y: cross[1] - font * 0.6 }, "mean") : [],
      state.points.map((point, n) => {
        const [px, py] = plot.toPixels(point);
        return svg("text", { class: "name", x: px + font, y: py + font * 1.2, "font-size": font * 0.9 }, String(n + 1));
      }));
    bars.draw("curves", state.gammas.map((gamma, n) => {
      const [x0, y0] = bars.toPixels([n + 0.7, gamma]), [x1, y1] = bars.toPixels([n + 1.3, 0]);
      return svg("rect", { class: "bar", x: x0, y: y0, width: x1 - x0, height: y1 - y0, fill: colors[0] });
    }));
    tops(state.gammas.map((gamma, n) => ({ place: [n + 1, gamma], size: 7, fill: "var(--ink)", label: `responsibility for point ${n + 1}, ${number(gamma, 2)}` })));
  }

  state.points = first.points.map((point) => [...point]);
  put(first.gammas);
  return { state, plot, bars, draw, answer };
}
