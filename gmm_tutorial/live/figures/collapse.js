// Chapter 08: a component that shrinks onto one point, with and without a smallest spread.

import { CollapseError, axesOf, eStep, full, mStep, constrained, ridge } from "../em.js";
import { data } from "../data.js";
import { html, icon, last, meanMarks, number, outlines, picture, pointMarks, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "A component shrinks onto one point";
export const hint = "Step on and watch the green square. Then start again with a smallest spread, and see where it stops.";

const points = data.few;
const start = { weights: [0.4, 0.3, 0.3], means: [[2, 2], [6.5, 6], [6, 2]], covariances: [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[3, 0], [0, 1.5]]] };

export function build(host) {
  const ui = shell(host, { title, hint, name: "collapse" });
  const state = { steps: [], at: 0, floor: 0, collapsed: false };
  const small = () => ui.stage.clientWidth < 560;
  const plot = picture(ui.panel("wide"), { name: "Nine points and three components", role: "img", x: [-0.5, 9.5], y: [-0.3, 7.7], labels: ["x", "y"], equal: true, redraw: draw, ratio: 0.8, most: 440, room: 3 });
  const chart = picture(ui.panel("narrow"), { name: "The log-likelihood after each step", role: "img", x: [0, 8], y: [-30, 0], labels: ["step", "log-likelihood"], whole: true, redraw: draw, room: 4.8, font: () => plot.frame?.font ?? 14, tall: () => (small() ? 210 : plot.element.clientHeight) });
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 }), means = plot.group("means", { kind: "mean", reach: 0 });
  const next = ui.button("One step", forward, { "data-do": "next", class: "next" });
  ui.button("Back", () => ((state.at = Math.max(0, state.at - 1)), draw(), tell()), { "data-do": "back" });
  ui.button("Start again", begin, { "data-do": "again" });
  ui.choice("smallest spread (a ridge: 0.1 % of the variance of all points is added to each component)", (on) => ((state.floor = on ? 1e-3 : 0), begin()));

  const shape = (mixture) => (state.floor ? ridge(mixture, state.floor) : full(mixture));
  const withStep = (mixture) => ({ mixture, ...eStep(points, mixture) });

  function begin() {
    state.steps = [withStep(start)];
    state.at = 0;
    draw();
    tell();
  }

  function forward() {
    if (state.at < state.steps.length - 1) {
      state.at++;
    } else {
      const { mixture, responsibilities } = last(state.steps);
      try {
        state.steps.push({ ...withStep(constrained(shape, mStep(points, responsibilities))) });
      } catch (error) {
        if (!(error instanceof CollapseError)) throw error;
        // the exact step has no spread at all; ten times narrower shows where that leads
        const k = error.component, mean = mStep(points, responsibilities).means[k];
        const narrower = { ...mixture, means: mixture.means.map((old, i) => (i === k ? mean : old)), covariances: mixture.covariances.map((sigma, i) => (i === k ? sigma.map((row) => row.map((x) => x / 100)) : sigma)) };
        try {
          state.steps.push({ ...withStep(narrower), collapsed: true });
        } catch {
          return ui.say("It is now so narrow that the computer can no longer tell its width from zero. The log-likelihood has no maximum.");
        }
      }
      state.at++;
    }
    draw();
    tell();
  }

  const width = (step) => Math.sqrt(axesOf(step.mixture.covariances[2]).radii.reduce((a, b) => a * b));
  const inWords = (x) => (x >= 0.01 ? number(x, 2) : x.toExponential(0).replace("e-", " × 10⁻").replace(/⁻(\d+)$/, (_, power) => `⁻${[...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`));

  function tell() {
    const step = state.steps[state.at], before = state.steps[state.at - 1], gain = before && step.logLikelihood - before.logLikelihood;
    const size = html("span", { class: "line" }, icon(2), `width ${inWords(width(step))}, log-likelihood ${number(step.logLikelihood, 2)}${gain === undefined ? "" : ` (${gain < 0 ? "down" : "up"} by ${number(Math.abs(gain), 2)})`}`);
    const told = step.collapsed
      ? "Only one point is left to it, so the exact step would make the width zero. Here it becomes ten times narrower with each press, and the log-likelihood rises each time by the same amount: it has no maximum."
      : state.floor && state.at > 4 && Math.abs(gain) < 1e-3 ? "The smallest spread holds it: nothing shrinks any more." : "Step on.";
    ui.say(size, html("span", { class: "line soft" }, told));
  }

  function draw() {
    if (!state.steps.length) return;
    plot.fit();
    const step = state.steps[state.at], all = state.steps.slice(0, state.at + 1);
    dots(pointMarks(points, step.responsibilities, 6, () => null));
    plot.draw("curves", outlines(plot, step.mixture));
    means(meanMarks(step.mixture).map((mark, k) => ({ ...mark, extra: k === 2 && step.collapsed ? "collapsed" : "" })));
    const values = state.steps.map(({ logLikelihood }) => logLikelihood);
    chart.fit({ x: [0, Math.max(8, values.length - 1)], y: [Math.min(-40, values[0] - 2), Math.max(-10, ...values) + 4] });
    chart.draw("curves", svg("path", { class: "curve total", d: chart.path(all.map(({ logLikelihood }, t) => [t, logLikelihood])) }), all.map(({ logLikelihood }, t) => {
      const [cx, cy] = chart.toPixels([t, logLikelihood]);
      return svg("circle", { class: "dot", cx, cy, r: 4 });
    }));
    next.textContent = state.at === state.steps.length - 1 && step.collapsed ? "Ten times narrower" : "One step";
    plot.element.setAttribute("aria-label", `Step ${state.at}: the third component is ${inWords(width(step))} wide`);
  }

  begin();
  return { state, plot, draw };
}
