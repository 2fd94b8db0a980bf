// Chapter 09: the number of components, and what BIC says to each.

import { bic, eStep, parameterCount } from "../em.js";
import { data } from "../data.js";
import { fits } from "../fits.js";
import { html, meanMarks, number, outlines, picture, pointMarks, rangeOf, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "How many components?";
export const hint = "Move the slider. The fit always gets better with more components; watch what BIC makes of it.";

const points = data.islands;
const judged = (mixture, i) => {
  const { responsibilities, logLikelihood } = eStep(points, mixture), free = parameterCount(i + 1, 2);
  return { mixture, responsibilities, logLikelihood, free, bic: bic(logLikelihood, points.length, free) };
};

export function build(host) {
  const ui = shell(host, { title, hint, name: "how_many" });
  const state = { K: 1 }, found = fits.islands.map(judged);
  const small = () => ui.stage.clientWidth < 560;
  const slider = ui.slider("components K", { min: 1, max: 6, step: 1, value: 1 }, (K) => show(K));
  const plot = picture(ui.panel("wide"), { name: "The best fit found", role: "img", x: rangeOf(points.map((point) => point[0])), y: rangeOf(points.map((point) => point[1])), labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.75, most: 440, room: 3 });
  const chart = picture(ui.panel("narrow"), {
    name: "BIC for each number of components", x: [0.5, 6.5], y: [2000, 2480], labels: ["components K", ""], whole: true, redraw: draw, room: 3.4, font: () => plot.frame?.font ?? 14, tall: () => (small() ? 260 : plot.element.clientHeight),
  });
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 }), means = plot.group("means", { kind: "mean", reach: 0 });
  const marks = chart.group("numbers of components", { kind: "handle", reach: 22, select: (i) => show(i + 1) });

  function show(K) {
    state.K = K;
    slider.set(K);
    draw();
    tell();
  }

  function tell() {
    const { logLikelihood, free, bic: value } = found[state.K - 1], lowest = Math.min(...found.map((fit) => fit.bic));
    ui.say(html("span", { class: "line" }, `K = ${state.K}: log-likelihood ${number(logLikelihood, 1)}, ${free} free numbers, BIC = ${free} × log ${points.length} − 2 × (${number(logLikelihood, 1)}) = ${number(value, 1)}`),
      html("span", { class: "line soft" }, value === lowest ? "This is the lowest BIC of the six: BIC chooses this number." : `BIC is ${number(value - lowest, 1)} above the lowest.`));
  }

  function draw() {
    plot.fit();
    chart.fit();
    const { mixture, responsibilities } = found[state.K - 1];
    dots(pointMarks(points, responsibilities, 3.6, () => null));
    plot.draw("curves", outlines(plot, mixture));
    means(meanMarks(mixture));
    plot.element.setAttribute("aria-label", `The best fit found with ${state.K} components`);
    const { font } = chart.frame, [bx, by] = chart.toPixels([5.2, found[4].bic + 40]), [lx, ly] = chart.toPixels([2.7, -2 * found[2].logLikelihood - 28]);
    chart.draw("curves", svg("path", { class: "curve total", d: chart.path(found.map((fit, i) => [i + 1, fit.bic])) }), svg("path", { class: "curve bound", d: chart.path(found.map((fit, i) => [i + 1, -2 * fit.logLikelihood])) }),
      found.map((fit, i) => svg("path", { class: "guide", d: chart.path([[i + 1, fit.bic], [i + 1, -2 * fit.logLikelihood]]) })));
    chart.draw("lines", svg("text", { class: "name", x: bx, y: by, "text-anchor": "middle" }, "BIC"), svg("text", { class: "name", x: lx, y: ly + font, "text-anchor": "middle" }, "−2 × log-likelihood"));
    marks(found.map((fit, i) => ({ place: [i + 1, fit.bic], size: i + 1 === state.K ? 9 : 5.5, fill: i + 1 === state.K ? "var(--link)" : "var(--ink)", label: `K = ${i + 1}, BIC ${number(fit.bic, 1)}` })));
  }

  show(1);
  return { state, plot, draw, found };
}
