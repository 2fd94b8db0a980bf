// Chapter 05: choose the starts yourself, and see which maximum each of them reaches.

import { CollapseError, em, gainToCome, generator, mStep, randomPoints } from "../em.js";
import { data } from "../data.js";
import { colors, html, last, markers, number, outlines, picture, pointMarks, rangeOf, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "Which maximum does your start reach?";
export const hint = "Drag the three starts somewhere, let go, and see where EM ends. Find a start that ends lower than −1036.84, then a second one that ends elsewhere.";

const points = data.islands;
const pooled = mStep(points, points.map(() => [1])).covariances[0].map((row, i) => row.map((x, j) => (i === j ? x / 9 : 0)));

export function build(host) {
  const ui = shell(host, { title, hint, name: "starts" });
  const state = { centers: [[1, 2.5], [4, 4.5], [6, 1.5]], steps: [], ends: [], seed: 0, waiting: [] };
  const plot = picture(ui.panel("wide"), {
    name: "Three starts to drag, and where EM ends", x: rangeOf(points.map((point) => point[0])), y: rangeOf(points.map((point) => point[1])), labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.75, most: 460, room: 3,
  });
  const side = ui.panel("narrow");
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 });
  const handles = plot.group("starts", {
    kind: "mean", reach: 24, direct: true, drop: () => run(),
    drag: (k, place) => ((state.centers = state.centers.map((center, i) => (i === k ? place : center))), (state.steps = []), state.waiting.forEach((job) => (job.shown = false)), draw()),
  });
  ui.button("Random start", () => random(), { "data-do": "random" });
  ui.button("Ten random starts", () => {
    for (let i = 0; i < 10; i++) random(i === 9);
  }, { "data-do": "ten" });
  ui.button("Forget the ends", () => ((state.ends = []), draw()), { "data-do": "forget" });

  function random(shown = true) {
    state.centers = randomPoints(points, 3, generator(++state.seed));
    run(shown);
  }

  // the runs wait for each other, and each goes on in short slices, so that the page answers meanwhile
  function run(shown = true) {
    const start = { weights: [1 / 3, 1 / 3, 1 / 3], means: state.centers, covariances: [pooled, pooled, pooled] };
    state.waiting.push({ run: em(points, start), steps: [], shown });
    if (state.waiting.length === 1) setTimeout(work);
  }

  function work() {
    const until = performance.now() + 12, job = state.waiting[0];
    try {
      do {
        job.steps.push(job.run.next().value);
        job.done = gainToCome(job.steps.slice(-3).map(({ logLikelihood }) => logLikelihood)) < 1e-6 || job.steps.length > 1500;
      } while (!job.done && performance.now() < until);
    } catch (error) {
      if (!(error instanceof CollapseError)) throw error;
      job.done = job.collapsed = true;
    }
    if (job.done) {
      state.waiting.shift();
      finish(job);
    }
    if (state.waiting.length) setTimeout(work);
  }

  function finish({ steps, shown, collapsed }) {
    if (collapsed) {
      if (!shown) return;
      state.steps = [];
      draw();
      return ui.say("From this start a component collapses onto a single point: EM stops. Choose another start.");
    }
    const { logLikelihood } = last(steps);
    const found = state.ends.find((end) => Math.abs(end.logLikelihood - logLikelihood) < 0.005);
    if (found) found.times++;
    else state.ends.push({ logLikelihood, times: 1 });
    state.ends.sort((a, b) => b.logLikelihood - a.logLikelihood);
    if (!shown) return;
    state.steps = steps;
    draw();
    const best = state.ends[0].logLikelihood;
    ui.say(`After ${steps.length - 1} steps EM ends at ${number(logLikelihood, 2)}${logLikelihood > best - 0.005 ? ", the highest so far." : `: ${number(best - logLikelihood, 2)} below the highest so far.`}`);
  }

  function draw() {
    plot.fit();
    const end = state.steps.length ? last(state.steps) : null;
    dots(pointMarks(points, end?.responsibilities, 3.4, () => null));
    plot.draw("curves", end ? outlines(plot, end.mixture) : []);
    plot.draw("lines", end ? end.mixture.means.flatMap((mean, k) => {
      const d = plot.path(state.steps.map((step) => step.mixture.means[k])), [x, y] = plot.toPixels(mean);
      return [svg("path", { class: "halo", d }), svg("path", { class: "trail", d, stroke: colors[k] }), svg("circle", { cx: x, cy: y, r: 5, fill: colors[k] })];
    }) : []);
    handles(state.centers.map((place, k) => ({ place, marker: markers[k], size: 8, stroke: colors[k], label: `start of component ${k} at ${place.map((x) => number(x, 1)).join(", ")}` })));
    const rows = state.ends.map(({ logLikelihood, times }) => html("tr", { class: end && Math.abs(end.logLikelihood - logLikelihood) < 0.005 ? "here" : "" }, html("td", {}, number(logLikelihood, 2)), html("td", {}, `${times} ×`)));
    side.replaceChildren(html("p", { class: "caption" }, "Where your starts ended"),
      rows.length ? html("table", {}, html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "log-likelihood"), html("th", { scope: "col" }, "reached"))), html("tbody", {}, ...rows)) : html("p", { class: "soft" }, "Nothing yet: drag a start, or press a button."));
  }

  draw();
  run();
  return { state, plot, draw };
}
