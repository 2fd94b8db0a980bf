// Chapter 07: the lower bound that touches and lifts, one half-step at a time.

import { eStep, lowerBound, sum } from "../em.js";
import { curve, html, number, picture, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "A lower bound that touches, and lifts";
export const hint = "Press E and watch the dashed bound F rise until it touches the log-likelihood ℓ. Then press M and watch both rise. Or drag the black dot somewhere else.";

const x = [-1, 0.2, 0.5, 2, 2.6, 4.1].map((value) => [value]);
const mixtureAt = (mu) => ({ weights: [0.5, 0.5], means: [[0], [mu]], covariances: [[[1]], [[1]]] });
const level = (mu) => eStep(x, mixtureAt(mu)).logLikelihood;
const bound = (q, mu) => lowerBound(x, q, mixtureAt(mu));
const even = x.map(() => [0.5, 0.5]);

export function build(host) {
  const ui = shell(host, { title, hint, name: "lower_bound" });
  const state = { path: [{ mu: -2.5, q: even, step: "start" }] };
  const small = () => ui.stage.clientWidth < 560;
  const plot = picture(ui.panel("wide"), {
    name: "The log-likelihood and its bound over the unknown mean", x: [-4, 6], y: [-32, -9], labels: ["unknown mean μ of component 1", ""], redraw: draw, room: 3, tall: () => (small() ? 280 : 400),
  });
  const chart = picture(ui.panel("narrow"), {
    name: "Both after each half-step", role: "img", x: [0, 6], y: [-32, -9], labels: ["half-steps", ""], redraw: draw, room: 3, font: () => plot.frame?.font ?? 14, tall: () => (small() ? 210 : 400),
  });
  const dot = plot.group("the unknown mean", { kind: "handle", reach: 24, direct: true, drag: (_, place) => jump(place[0]), drop: tell });
  const now = () => state.path[state.path.length - 1];
  const E = ui.button("E: lift the bound to ℓ", () => add({ mu: now().mu, q: eStep(x, mixtureAt(now().mu)).responsibilities, step: "E" }), { "data-do": "E" });
  const M = ui.button("M: go to the top of the bound", () => add({ mu: sum(now().q.map((row, n) => row[1] * x[n][0])) / sum(now().q.map((row) => row[1])), q: now().q, step: "M" }), { "data-do": "M" });
  const back = ui.button("Back", () => state.path.length > 1 && (state.path.pop(), draw(), tell()), { "data-do": "back" });
  ui.button("Start again", () => restart(-2.5), { "data-do": "again" });

  function add(step) {
    state.path.push(step);
    draw();
    tell();
  }
  function restart(mu) {
    state.path = [{ mu, q: even, step: "start" }];
    draw();
    tell();
  }
  // at another place the same bound, until the next E
  function jump(mu) {
    state.path = [{ mu, q: now().q, step: "start" }];
    draw();
  }

  function tell() {
    const { mu, q, step } = now(), l = level(mu), F = bound(q, mu), gap = l - F;
    const before = state.path[state.path.length - 2];
    const rise = before && { l: l - level(before.mu), F: F - bound(before.q, before.mu) };
    const told = {
      start: `The bound F uses responsibilities that do not fit this place, so it lies ${number(gap, 2)} below ℓ. Press E.`,
      E: `E: the bound rises by ${rise && number(rise.F, 2)} and touches ℓ. ℓ stays, because nothing has moved. Now press M.`,
      M: `M: the bound rises by ${rise && number(rise.F, 2)}. ℓ is above it everywhere, so ℓ rises at least as much: by ${rise && number(rise.l, 2)}. Now press E.`,
    };
    const done = state.path.length > 2 && rise.l < 1e-6 && rise.F < 1e-6;
    ui.say(html("span", { class: "line" }, `μ = ${number(mu, 2)}: ℓ = ${number(l, 2)}, F = ${number(F, 2)}. `), html("span", { class: "line" }, done ? "Nothing rises any more: this is a maximum." : told[step]));
  }

  function draw() {
    plot.fit();
    const { mu, q } = now(), l = level(mu), F = bound(q, mu);
    const named = (text, at, value, klass) => {
      const [px, py] = plot.toPixels([at, value]);
      return svg("text", { class: `name ${klass}`, x: px, y: py, "text-anchor": "middle" }, text);
    };
    const [, low] = plot.toPixels([mu, -32]);
    const [cx, cy] = plot.toPixels([mu, F]);
    plot.draw("curves",
      svg("path", { class: "curve total", d: curve(plot, level) }), svg("path", { class: "curve bound", d: curve(plot, (at) => bound(q, at)) }),
      svg("line", { class: "guide", x1: cx, x2: cx, y1: plot.toPixels([mu, l])[1], y2: low }),
      svg("path", { class: "gap", d: plot.path([[mu, F], [mu, l]]) }));
    plot.draw("lines", named("ℓ", 4.6, level(4.6) + 0.9, ""), named("bound F", topOf(q), bound(q, topOf(q)) - 1.9, "bound-name"),
      svg("path", { class: "bound-mark", d: `M${cx - 7} ${cy}h14` }));
    dot([{ place: [mu, l], size: 8, fill: "var(--ink)", label: `the unknown mean, now at ${number(mu, 2)}, log-likelihood ${number(l, 2)}, bound ${number(F, 2)}` }]);
    const steps = state.path.map((step, t) => ({ t, l: level(step.mu), F: bound(step.q, step.mu), step: step.step }));
    const most = Math.max(6, steps.length - 1), lowest = Math.max(-32, Math.min(...steps.map((step) => step.F)) - 1);
    chart.fit({ x: [0, most], y: [lowest, -9], xTicks: steps.map(({ t, step }) => [t, step === "start" ? "" : step]).filter(([t]) => most < 16 || t % 2 === 0) });
    chart.draw("curves", steps.map((step) => svg("path", { class: "gap", d: chart.path([[step.t, step.F], [step.t, step.l]]) })),
      svg("path", { class: "curve total", d: chart.path(steps.map((step) => [step.t, step.l])) }), svg("path", { class: "curve bound", d: chart.path(steps.map((step) => [step.t, step.F])) }));
    chart.element.setAttribute("aria-label", `After each half-step: ${steps.map((step) => `${step.step} ℓ ${number(step.l, 2)}, F ${number(step.F, 2)}`).join("; ")}`);
    E.classList.toggle("next", now().step !== "E");
    M.classList.toggle("next", now().step === "E");
    back.disabled = state.path.length < 2;
  }

  const topOf = (q) => sum(q.map((row, n) => row[1] * x[n][0])) / sum(q.map((row) => row[1]));
  draw();
  tell();
  return { state, plot, draw, level, bound: (mu) => bound(now().q, mu) };
}
