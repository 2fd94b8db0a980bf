// Chapter 01: the same points, divided by k-means and by a mixture.

import { argmax, eStep, fit, full, generator, hardResponsibility, kmeansStep, mStep, ridge, sample } from "../em.js";
import { colors, html, markers, meanMarks, number, outlines, picture, pointMarks, rangeOf, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "k-means beside a mixture";
export const hint = "Drag points in either picture; both methods answer at once. Which shapes of groups does k-means cut through, and the mixture not?";

const round = (points) => points.map((point) => point.map((x) => Number(x.toFixed(2))));
const sets = {
  "two stripes": {
    points: round(sample({ weights: [0.5, 0.5], means: [[-0.8, 1], [0.8, -1]], covariances: [[[5, 4.6], [4.6, 4.6]], [[5, 4.6], [4.6, 4.6]]] }, 64, generator(3))),
    start: [[-1, 1.2], [1, -1.2]],
  },
  "one wide, one narrow": {
    points: round(sample({ weights: [0.75, 0.25], means: [[-1.5, 0], [3.6, 0.4]], covariances: [[[3.6, 0], [0, 3]], [[0.08, 0], [0, 0.08]]] }, 64, generator(8))),
    start: [[-1.5, 0], [3.6, 0.4]],
  },
  "two round groups": {
    points: round(sample({ weights: [0.5, 0.5], means: [[-3.6, 0], [3.6, 0]], covariances: [[[1, 0], [0, 1]], [[1, 0], [0, 1]]] }, 64, generator(5))),
    start: [[-3.6, 0], [3.6, 0]],
  },
};

export function build(host) {
  const ui = shell(host, { title, hint, name: "kmeans" });
  const state = { set: "two stripes", points: [] };
  const small = () => ui.stage.clientWidth < 560;
  const panels = [ui.panel("half"), ui.panel("half")];
  const names = ["k-means: the nearest center takes all", "mixture: ellipses, and shares"];
  const plots = panels.map((panel, i) => {
    panel.append(html("p", { class: "caption" }, names[i]));
    return picture(panel, { name: names[i], x: [-6, 6], y: [-5, 5], labels: ["", ""], bare: true, xTicks: [], equal: true, redraw: draw, ratio: small() ? 0.75 : 0.95, most: 420 });
  });
  const dots = plots.map((plot) => plot.group("points", { kind: "point", layer: "points", reach: 14, roving: true, drag: (n, place) => move(n, place), drop: tell }));
  const marks = plots.map((plot) => plot.group("centers", { kind: "mean", reach: 0 }));
  for (const name of Object.keys(sets)) ui.button(name, () => choose(name), { "data-set": name });

  function choose(name) {
    state.set = name;
    state.points = sets[name].points.map((point) => [...point]);
    const [x, y] = [0, 1].map((d) => rangeOf(state.points.map((point) => point[d]), 0.15));
    for (const plot of plots) Object.assign(plot.options, { x, y });
    answer();
    draw();
    tell();
  }
  function move(n, place) {
    state.points[n] = place;
    answer();
    draw();
  }

  // both from the same two places
  function answer() {
    const { points } = state, { start } = sets[state.set];
    let centers = start;
    for (let i = 0; i < 100; i++) centers = kmeansStep(points, centers);
    const guarded = (mixture) => ridge(mixture, 1e-4);
    const about = hardResponsibility(points, start);
    const steps = fit(points, guarded(full(mStep(points, about))), guarded, 1e-5, 400);
    Object.assign(state, { centers, hard: hardResponsibility(points, centers), mixture: steps[steps.length - 1].mixture });
    state.responsibilities = eStep(points, state.mixture).responsibilities;
  }

  function tell() {
    const differ = state.hard.filter((row, n) => argmax(row) !== argmax(state.responsibilities[n])).length;
    const doubt = state.responsibilities.filter((gamma) => Math.max(...gamma) < 0.9).length;
    ui.say(html("span", { class: "line" }, differ ? `They disagree about ${differ} of the ${state.points.length} points.` : "They agree about every point."),
      html("span", { class: "line soft" }, `The mixture is less than 90 % sure of ${doubt} ${doubt === 1 ? "point" : "points"}; k-means is always sure.`));
  }

  function draw() {
    for (const plot of plots) plot.fit({ ratio: small() ? 0.75 : 0.95 });
    const label = (n) => `point ${n + 1} at ${state.points[n].map((x) => number(x, 1)).join(", ")}`;
    dots[0](pointMarks(state.points, state.hard, 5, label));
    dots[1](pointMarks(state.points, state.responsibilities, 5, label));
    marks[1](meanMarks(state.mixture));
    marks[0](state.centers.map((place, k) => ({ place, marker: markers[k], size: 7, stroke: colors[k], label: `center ${k}` })));
    plots[1].draw("curves", outlines(plots[1], state.mixture));
    // the line halfway between the two centers
    const [a, b] = state.centers, middle = a.map((x, d) => (x + b[d]) / 2), along = [-(b[1] - a[1]), b[0] - a[0]];
    plots[0].draw("curves", svg("path", { class: "guide", d: plots[0].path([-9, 9].map((t) => middle.map((x, d) => x + t * along[d]))) }));
  }

  choose("two stripes");
  return { state, plot: plots[1], plots, draw };
}
