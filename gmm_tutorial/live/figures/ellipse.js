// Chapter 02: a covariance matrix as an ellipse whose axes can be dragged.

import { axesOf, cholesky, generator, sample } from "../em.js";
import { axisEnds, colors, covarianceOn, ellipse, html, number, picture, svg, turned } from "../draw.js";
import { shell } from "../shell.js";

export const title = "A matrix is an ellipse";
export const hint = "Drag the two squares at the ends of the axes. Can you make both variances equal while the ellipse stays tilted? Can you make the covariance negative?";

const standard = sample({ weights: [1], means: [[0, 0]], covariances: [[[1, 0], [0, 1]]] }, 150, generator(3));

export function build(host) {
  const ui = shell(host, { title, hint, name: "ellipse" });
  const state = { axes: axesOf([[4, 1.5], [1.5, 1.5]]) };
  const plot = picture(ui.panel("wide"), { name: "One Gaussian and the two axes of its ellipse", x: [-6, 6], y: [-4.5, 4.5], labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.75, most: 460, room: 3.2 });
  const side = ui.panel("narrow");
  const ends = plot.group("axes", { kind: "end", reach: 24, direct: true, drag: (end, place) => ((state.axes = turned(plot, [0, 0], state.axes, end, place)), draw()), drop: tell });
  ui.button("Circle", () => put([[2, 0], [0, 2]]));
  ui.button("Upright", () => put([[4, 0], [0, 1]]));
  ui.button("Tilted", () => put([[2.5, 1.8], [1.8, 2.5]]));

  function put(sigma) {
    state.axes = axesOf(sigma);
    draw();
    tell();
  }

  function tell() {
    const [[a, b], [, c]] = covarianceOn(plot, state.axes);
    ui.say(Math.abs(b) < 0.05 ? "The covariance is 0: the axes are parallel to those of the picture." : b > 0 ? "The covariance is positive: a large x comes with a large y." : "The covariance is negative: a large x comes with a small y.",
      ` The correlation is ${number(b / Math.sqrt(a * c), 2)}.`);
  }

  function draw() {
    plot.fit();
    const sigma = covarianceOn(plot, state.axes), [[a, b], [, c]] = sigma, L = cholesky(sigma);
    plot.draw("back", standard.map(([u, v]) => {
      const [cx, cy] = plot.toPixels([L[0][0] * u, L[1][0] * u + L[1][1] * v]);
      return svg("circle", { cx, cy, r: 2.6, fill: "var(--soft)", opacity: 0.55 });
    }));
    plot.draw("curves", [1, 2].map((radius) => svg("path", { class: `ellipse r${radius}`, d: plot.path(ellipse([0, 0], L, radius)), stroke: colors[0] })),
      svg("path", { class: "spread", d: plot.path([[-Math.sqrt(a), -4.3], [Math.sqrt(a), -4.3]]) }), svg("path", { class: "spread", d: plot.path([[-5.8, -Math.sqrt(c)], [-5.8, Math.sqrt(c)]]) }),
      [[-1, 0], [1, 0]].map(([side_]) => svg("path", { class: "guide", d: plot.path([[side_ * Math.sqrt(a), -4.3], [side_ * Math.sqrt(a), (side_ * b) / Math.sqrt(a)]]) })),
      [-1, 1].map((side_) => svg("path", { class: "guide", d: plot.path([[-5.8, side_ * Math.sqrt(c)], [(side_ * b) / Math.sqrt(c), side_ * Math.sqrt(c)]]) })),
      axisEnds(plot, [0, 0], state.axes).map((end) => svg("path", { class: "axis", d: plot.path([[0, 0], end]) })));
    ends(axisEnds(plot, [0, 0], state.axes).map((place, end) => ({ place, marker: "s", size: 8, label: `end of ${end ? "the second" : "the first"} axis, ${number(state.axes.radii[end], 2)} long` })));
    side.replaceChildren(html("p", { class: "caption" }, "Covariance matrix Σ"),
      html("div", { class: "matrix", role: "img", "aria-label": `Σ = ${[a, b, b, c].map((value) => number(value, 2)).join(", ")}` }, ...[a, b, b, c].map((value) => html("span", {}, number(value, 2)))),
      html("table", {}, html("tbody", {}, ...[
        ["variance of x", a], ["standard deviation of x", Math.sqrt(a)], ["variance of y", c], ["standard deviation of y", Math.sqrt(c)], ["covariance", b], ["along the axes", null]].map(([name, value]) =>
        html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, value === null ? state.axes.radii.map((radius) => number(radius, 2)).join(" and ") : number(value, 2)))))),
      html("p", { class: "soft" }, "The inner ellipse is one standard deviation away, the outer one two. The bars at the edges are one standard deviation to each side."));
  }

  draw();
  tell();
  return { state, plot, draw, covariance: () => covarianceOn(plot, state.axes) };
}
