// Chapters 00 and 06: EM by hand, one half-step at a time.

import { em, gainToCome } from "../em.js";
import { data } from "../data.js";
import { colors, html, icon, meanMarks, number, outlines, picture, pointMarks, rangeOf, still, svg } from "../draw.js";
import { shell } from "../shell.js";

const wide = [[1, 0], [0, 120]];
const small = [[0.25, 0], [0, 0.25]];
const faithful = {
  points: data.faithful, labels: ["eruption (minutes)", "wait (minutes)"], equal: false, digits: [2, 1],
  start: { weights: [0.5, 0.5], means: [[2, 88], [4.6, 56]], covariances: [wide, wide] },
};
const islands = {
  points: data.islands, labels: ["x", "y"], equal: true, digits: [2, 2],
  start: { weights: [1 / 3, 1 / 3, 1 / 3], means: [[1, 3], [2.5, 4], [2, 2.5]], covariances: [small, small, small] },
};

// the first value may lie far below the others
const rangeTrace = (values) => (values.length === 1 ? [1.1 * values[0], 0.7 * values[0]] : rangeOf(values.slice(values.length > 3 ? 1 : 0), 0.08));

function stepper(host, { name, title, hint, problem: { points, start, labels, equal, digits }, withTrace }) {
  const ui = shell(host, { title, hint, name });
  const run = em(points, start), steps = [run.next().value];
  const state = { at: 0, colored: -1, steps, running: false }; // colored: the step whose responsibilities are shown
  const plot = picture(ui.panel(withTrace ? "wide" : ""), {
    name: "Points and components", x: rangeOf(points.map((point) => point[0])), y: rangeOf(points.map((point) => point[1])),
    labels, equal, ratio: 0.72, most: withTrace ? 460 : 500, redraw: draw, role: "img",
  });
  const trace = withTrace && picture(ui.panel("narrow"), {
    name: "The log-likelihood after each step", role: "img", x: [0, 10], y: [0, 1], labels: ["step", "log-likelihood"], whole: true, ratio: 0.8, most: 460, room: 5.8, redraw: draw,
    font: () => plot.frame?.font ?? 14, tall: () => (ui.stage.clientWidth < 560 ? 200 : plot.element.clientHeight),
  });
  const dots = plot.group("points", { kind: "point", layer: "points" }), means = plot.group("means", { kind: "mean" });
  let timer = null;

  const buttons = {
    E: ui.button("E: color the points", () => act(() => void (state.colored = state.at)), { "data-do": "E" }),
    M: ui.button("M: move the components", () => act(forward), { "data-do": "M" }),
    back: ui.button("Back", () => act(back), { "data-do": "back" }),
    run: ui.button("Run", () => (state.running ? act(() => {}) : play()), { "data-do": "run" }),
    again: ui.button("Start again", () => act(() => Object.assign(state, { at: 0, colored: -1 })), { "data-do": "again" }),
  };

  const done = () => gainToCome(steps.slice(Math.max(0, state.at - 2), state.at + 1).map((step) => step.logLikelihood)) < 1e-4;

  function forward() {
    if (state.colored !== state.at) return ui.say("First color the points: press E.") ?? false;
    if (steps.length === state.at + 1) steps.push(run.next().value);
    state.at++;
  }
  function back() {
    if (state.colored === state.at) state.colored = state.at - 1;
    else if (state.at) state.colored = --state.at;
  }
  function act(change) {
    clearTimeout(timer);
    state.running = false;
    if (change() === false) return;
    draw();
    tell();
  }
  function play() {
    state.running = true;
    do {
      state.colored = state.at;
      forward();
      state.colored = state.at;
    } while (still() && !done() && state.at < 500);
    if (done() || state.at > 500) return act(() => {});
    draw();
    timer = setTimeout(() => state.running && play(), state.at < 12 ? 320 : 60);
  }

  function tell() {
    const { mixture, logLikelihood } = steps[state.at];
    const next = done() ? "Nothing changes any more: EM has converged." : state.colored === state.at ? "Next: M." : "Next: E.";
    ui.say(html("span", { class: "line" }, `Step ${state.at}. Log-likelihood ${number(logLikelihood, 2)}. ${next}`),
      ...mixture.means.map((mean, k) => html("span", { class: "line soft" }, icon(k), `weight ${number(mixture.weights[k], 2)}, mean (${mean.map((x, d) => number(x, digits[d])).join(", ")})`)));
  }

  function draw() {
    plot.fit();
    const { mixture } = steps[state.at];
    const gammas = state.colored < 0 ? null : steps[state.colored].responsibilities;
    dots(pointMarks(points, gammas, 3.4, () => null));
    means(meanMarks(mixture));
    plot.draw("lines", outlines(plot, mixture), mixture.means.map((_, k) => svg("path", { class: "trail", stroke: colors[k], d: plot.path(steps.slice(0, state.at + 1).map((step) => step.mixture.means[k])) })));
    plot.element.setAttribute("aria-label", `Points and components after step ${state.at}${gammas ? "" : ", points not yet colored"}`);
    for (const [key, on] of [["E", state.colored !== state.at], ["M", state.colored === state.at]]) buttons[key].classList.toggle("next", on && !done());
    buttons.run.textContent = state.running ? "Stop" : "Run";
    if (!trace) return;
    const all = steps.slice(0, state.at + 1).map((step) => step.logLikelihood);
    trace.fit({ x: [0, Math.max(6, steps.length - 1)], y: rangeTrace(steps.map((step) => step.logLikelihood)) });
    trace.draw("curves", svg("path", { class: "curve total", d: trace.path(all.map((ll, t) => [t, ll])) }),
      all.length < 50 ? all.map((ll, t) => { const [cx, cy] = trace.toPixels([t, ll]); return svg("circle", { class: "dot", cx, cy, r: 3.5 }); }) : []);
  }

  draw();
  tell();
  return { state, plot, draw };
}

export const first = {
  title: "Two Gaussians find the two groups",
  hint: "Press E, then M, and again. E colors each point by the component that it belongs to; M moves each component to its points.",
  build: (host) => stepper(host, { ...first, name: "first_steps", problem: faithful, withTrace: false }),
};

export const full = {
  title: "EM, one half-step at a time",
  hint: "Before each M, predict whether the log-likelihood will rise by more or by less than last time. Then press it.",
  build: (host) => stepper(host, { ...full, name: "stepper", problem: islands, withTrace: true }),
};
