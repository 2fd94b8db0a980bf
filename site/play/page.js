// The page to play on: what it knows, what can be pressed, dragged and typed. The arithmetic is that of the live figures.

import * as gmm from "../../gmm_tutorial/live/em.js";
import { data } from "../../gmm_tutorial/live/data.js";
import * as looks from "../../gmm_tutorial/live/draw.js";

const {
  axesOn, axisEnds, clamp, color, colors, covarianceOn, cross, curve, dash, ellipse, gray, html, icon, last, markers, number, outlines, paths, picture,
  rangeOf, still, svg, turned, words,
} = looks;
const MAX_STEPS = 10000;
const TOLERANCE = 1e-6;
const MOST_POINTS = 3000;

const byId = (id) => document.getElementById(id);
const stacked = matchMedia("(max-width: 900px)"); // as in style.css

// ---- the data

function standardized(points) {
  const average = (numbers) => gmm.sum(numbers) / numbers.length;
  const centers = [0, 1].map((d) => average(gmm.column(points, d)));
  const deviations = [0, 1].map((d) => Math.sqrt(average(gmm.column(points, d).map((x) => (x - centers[d]) ** 2))));
  return points.map((point) => point.map((x, d) => (x - centers[d]) / deviations[d]));
}

const drawn = (weights, means, covariances, N) => gmm.sample({ weights, means, covariances }, N, gmm.generator(4)).map((point) => point.map((x) => Number(x.toFixed(3))));

// points around a curve t → place, for t from 0 to 1
function around(place, N, spread, seed) {
  const random = gmm.generator(seed);
  const noise = drawn([1], [[0, 0]], [[[spread ** 2, 0], [0, spread ** 2]]], N);
  return noise.map((by) => place(random()).map((x, d) => Number((x + by[d]).toFixed(3))));
}

const plain = (points) => ({ points, labels: ["x", "y"], digits: [2, 2], equal: true });
const makers = {
  faithful: () => ({ points: data.faithful, labels: ["eruption (minutes)", "wait (minutes)"], digits: [2, 1], equal: false }),
  standardized: () => ({ points: standardized(data.faithful), labels: ["eruption (standard deviations)", "wait (standard deviations)"], digits: [2, 2], equal: true }),
  islands: () => plain(data.islands),
  few: () => plain(data.few),
  unequal: () => plain(drawn([0.9, 0.1], [[0, 0], [5.2, 0.4]], [[[4.2, 0], [0, 3]], [[0.12, 0], [0, 0.12]]], 260)),
  stripes: () => plain(drawn([0.5, 0.5], [[0, 0], [2, -1.6]], [[[6, 5.4], [5.4, 5.2]], [[6, 5.4], [5.4, 5.2]]], 240)),
  moons: () => plain([
    ...around((t) => [Math.cos(Math.PI * t) * 3, Math.sin(Math.PI * t) * 3], 120, 0.28, 5),
    ...around((t) => [3 - Math.cos(Math.PI * t) * 3, 1.2 - Math.sin(Math.PI * t) * 3], 120, 0.28, 6)]),
  ring: () => plain([...around((t) => [4 * Math.cos(2 * Math.PI * t), 4 * Math.sin(2 * Math.PI * t)], 180, 0.3, 7), ...around(() => [0, 0], 70, 0.6, 8)]),
  noise: () => plain(((random) => Array.from({ length: 200 }, () => [Number((8 * random()).toFixed(3)), Number((6 * random()).toFixed(3))]))(gmm.generator(9))),
  own: () => ({ ...plain([]), view: [[0, 10], [0, 8]] }),
};
const made = {};
const datasets = new Proxy({}, { get: (_, name) => (made[name] ??= makers[name]()) });

// ---- the state: everything that the page knows

const state = {
  dataset: "faithful", K: 2, constraint: "full", floor: 0, start: "kmeansPlusPlus", seed: 10, axis: "xy", beside: false,
  points: [], labels: ["x", "y"],
  hand: null, // the mixture that was placed by hand
  steps: [], // of this run: { mixture, responsibilities, logLikelihood }, the start first
  at: 0, // the step that is shown
  colored: -1, // the step whose responsibilities are shown; −1 while the points are gray
  trouble: null, // { component, message }
  running: false,
  kmeans: [], // the centers of k-means at each step
  runs: [], // earlier runs
  runNumber: 1,
  inspect: -1, // the point that is looked at
  pinned: -1,
  chosen: -1, // the component whose ellipse has handles
  placing: [], // starts placed so far
  undo: [],
};

const flat = () => state.axis !== "xy";
const seen = () => (flat() ? state.points.map((point) => [point[state.axis === "x" ? 0 : 1]]) : state.points);
const now = () => state.steps[state.at] ?? null;
const mixtureNow = () => now()?.mixture ?? null;
const responsibilitiesNow = () => state.steps[state.colored]?.responsibilities ?? null;
const trace = () => state.steps.map(({ logLikelihood }) => logLikelihood);
const fresh = () => state.colored === state.at;
const converged = () => state.at === state.steps.length - 1 && littleIsLeft(state.steps.slice(-9).map(({ logLikelihood }) => logLikelihood));
// the rule of gmm.fit: the last eight steps together, and all that seem still to come, change little
const littleIsLeft = (last) => last.length > 8 && Math.max(...last) - Math.min(...last) < TOLERANCE && gmm.gainToCome(last.slice(-3)) < TOLERANCE;

const constraint = () =>
  gmm.chain(gmm[state.constraint], (mixture) => (state.floor > 0 ? gmm.ridge(mixture, state.floor) : mixture));

// what the action returns; or null, and the trouble is told
function attempt(action) {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof gmm.CollapseError || error instanceof RangeError)) throw error;
    state.trouble = { component: error.component ?? null, message: error.reason ?? error.message };
    stop();
    return null;
  }
}

function withStep(mixture) {
  const { responsibilities, logLikelihood } = gmm.eStep(seen(), mixture);
  return { mixture, responsibilities, logLikelihood };
}

function begin(mixture, colored) {
  Object.assign(state, { trouble: null, steps: [withStep(mixture)], at: 0, colored: colored ? 0 : -1, kmeans: [mixture.means] });
}

function startMixture() {
  const { K, start, seed, hand } = state, points = seen();
  if (points.length < K) throw new RangeError(`there are ${points.length} points for ${K} components: add points, or choose a smaller K.`);
  if (start === "hand" && hand) return gmm[state.constraint](hand);
  return gmm.mixtureAround(points, gmm[start === "hand" ? "kmeansPlusPlus" : start](points, K, gmm.generator(seed)));
}

function reset() {
  stop();
  keepRun();
  Object.assign(state, { steps: [], at: 0, colored: -1, trouble: null, kmeans: [], placing: [] });
  if (state.chosen >= state.K) state.chosen = -1;
  const mixture = attempt(() => gmm.constrained(state.start === "hand" ? gmm.full : constraint(), startMixture()));
  if (mixture) attempt(() => begin(mixture, false));
}

// after a change by hand: EM begins again from the mixture that is shown
function beginAgain(mixture = mixtureNow()) {
  stop();
  keepRun();
  if (!state.points.length || !mixture) return reset();
  const colored = state.colored >= 0;
  if (!attempt(() => (begin(mixture, colored), true))) Object.assign(state, { steps: [], at: 0, colored: -1 });
}

function choosePoints(name, points = datasets[name].points, labels = datasets[name].labels) {
  Object.assign(state, { dataset: name, points: points.map((point) => [...point]), labels, hand: null, runs: [], steps: [], runNumber: 1, inspect: -1, pinned: -1, chosen: -1 });
  if (state.start === "hand") state.start = "kmeansPlusPlus";
  plot.arm(null);
  dots.current = 0;
  look();
}

// ---- undo

const KEPT = ["dataset", "K", "constraint", "floor", "start", "seed", "axis", "points", "labels", "hand", "steps", "at", "colored", "trouble", "kmeans", "runs", "runNumber"];
const kept = () => ({
  ...Object.fromEntries(KEPT.map((name) => [name, state[name]])),
  points: state.points.map((point) => [...point]), steps: [...state.steps], kmeans: [...state.kmeans],
});
const remember = () => (state.undo = [...state.undo.slice(-49), { ...kept(), view: [...view] }]);

function undo() {
  const before = state.undo.pop();
  if (!before) return;
  stop();
  ({ view } = before);
  for (const name of KEPT) state[name] = before[name];
  Object.assign(state, { placing: [], inspect: -1, pinned: -1, chosen: -1 });
  plot.arm(null);
  showControls();
  render();
  say(`Undone. ${digest()}`);
}

// ---- the two steps, and back

function pressE() {
  if (now()) state.colored = state.at;
}

// whether the mixture moved
function pressM() {
  if (!now() || !fresh() || state.trouble) return false;
  if (state.at === state.steps.length - 1) {
    const next = attempt(() => withStep(gmm.constrained(constraint(), gmm.mStep(seen(), now().responsibilities))));
    if (!next) return false;
    state.steps.push(next);
  }
  state.at++;
  return true;
}

// M, and then E, so that colors, ellipses and log-likelihood belong together
function step() {
  pressE();
  const moved = pressM();
  if (moved) pressE();
  return moved;
}

// half a step back after an M, a whole one after an E
function back() {
  state.trouble = null;
  if (state.at === 0) return void (state.colored = -1);
  state.at--;
  state.colored = state.at;
}

// ---- running

let timer = null;
const pause = () => [0, 700, 140, 45, 0][Number(byId("speed").value)];
const atOnce = () => still() || byId("speed").value === "4";

function stop() {
  clearTimeout(timer);
  state.running = false;
}

function run() {
  if (!now()) return;
  state.at = state.steps.length - 1;
  state.running = true;
  tick();
}

// later steps are small, so more of them go into one picture; who prefers no motion sees the end only
function tick() {
  const until = performance.now() + 30;
  const share = byId("speed").value === "1" ? 1 : 1 + Math.floor(state.steps.length / 15);
  let going = true;
  for (let i = 0; going && (atOnce() ? performance.now() < until : i < share); i++) {
    going = step() && !converged() && state.steps.length <= MAX_STEPS;
  }
  if (going) {
    timer = setTimeout(tick, pause());
    if (!atOnce()) render();
    return;
  }
  stop();
  render();
  if (!state.trouble) say(`${converged() ? "Converged" : "Stopped, not yet converged,"} after ${steps()}. ${digest()}`, numbersInWords());
}

// ---- earlier runs

const startName = () => ({ kmeansPlusPlus: `k-means++, seed ${state.seed}`, randomPoints: `random points, seed ${state.seed}`, hand: "by hand" })[state.start];

const parameters = (mixture, shape) => gmm.parameterCount(mixture.weights.length, mixture.means[0].length, shape);

function described(runSteps, start, collapsed) {
  const { mixture, logLikelihood } = last(runSteps);
  return {
    start, collapsed, K: mixture.weights.length, shape: state.constraint, steps: runSteps.length - 1, logLikelihood,
    bic: gmm.bic(logLikelihood, state.points.length, parameters(mixture, state.constraint)),
    trace: runSteps.map((step) => step.logLikelihood), paths: mixture.means.map((_, k) => runSteps.map((step) => step.mixture.means[k])),
    from: runSteps[0].mixture, axis: state.axis, floor: state.floor,
  };
}

function keepRun() {
  if (state.steps.length < 2) return;
  addRun(described(state.steps, state.madeBy ?? startName(), state.trouble?.component !== null && state.trouble !== null));
}

function addRun(found) {
  const same = state.runs.find((run) => run.start === found.start && run.K === found.K && run.shape === found.shape && run.floor === found.floor && run.steps === found.steps && run.logLikelihood === found.logLikelihood);
  if (same) return;
  state.runs = [...state.runs.slice(-29), { ...found, number: state.runNumber++ }];
}

function showRun(found) {
  remember();
  keepRun();
  Object.assign(state, { K: found.K, constraint: found.shape, axis: found.axis, floor: found.floor, start: "hand", hand: found.from, steps: [], chosen: -1 });
  look();
  attempt(() => begin(found.from, true));
  state.madeBy = found.start;
  while (state.steps.length <= found.steps && step());
  showControls();
  render();
  say(`Run ${found.number}: ${found.start}. ${digest()}`);
}

let tenTimer = null;
function tenStarts() {
  remember();
  stop();
  keepRun();
  const kind = state.start === "hand" ? "randomPoints" : state.start, points = seen();
  const name = { kmeansPlusPlus: "k-means++", randomPoints: "random points" }[kind];
  const from = state.nextSeed ?? 1, ends = [];
  state.nextSeed = from + 10;
  clearTimeout(tenTimer);
  const one = (seed) => {
    if (points.length !== state.points.length) return;
    try {
      const found = gmm.fit(points, gmm.constrained(constraint(), gmm.mixtureAround(points, gmm[kind](points, state.K, gmm.generator(seed)))), constraint(), TOLERANCE, 1500);
      addRun(described(found, `${name}, seed ${seed}`, false));
      ends.push(last(found).logLikelihood);
    } catch (error) {
      if (!(error instanceof gmm.CollapseError || error instanceof RangeError)) throw error;
    }
    if (seed < from + 9) {
      say(`Random start ${seed - from + 1} of 10 …`);
      tenTimer = setTimeout(one, 0, seed + 1);
    } else {
      const best = Math.max(...ends), reached = ends.filter((end) => end > best - 1e-3).length;
      state.tenDone = (state.tenDone ?? 0) + 1;
      say(ends.length ? `Ten random starts: ${reached} of 10 reach the highest log-likelihood found, ${number(best, 2)}.${ends.length < 10 ? ` ${10 - ends.length} collapsed.` : ""}` : "All ten starts collapsed.");
    }
    drawRuns();
    drawGhosts();
    drawTrace();
  };
  one(from);
}

// ---- words

const log = (x) => number(x, 2);
const digits = () => datasets[state.dataset].digits;
const dims = () => (state.axis === "y" ? [1] : state.axis === "x" ? [0] : [0, 1]);
const place = (values) => values.map((x, i) => number(x, digits()[dims()[i]])).join(", ");
const steps = () => `${state.at} ${state.at === 1 ? "step" : "steps"}`;
const shape = (k) => words[markers[k]];
const digest = () => (now() ? `Log-likelihood ${log(now().logLikelihood)}.` : "");

// what the table shows, for those who hear the page
function numbersInWords() {
  if (!now()) return "";
  const { weights, means } = now().mixture;
  return weights.map((pi, k) => ` Component ${k}: weight ${number(pi, 3)}, mean ${place(means[k])}.`).join("");
}

function belongs(n) {
  const gamma = responsibilitiesNow()?.[n];
  if (!gamma) return "not yet colored";
  return gamma.map((share, k) => `component ${k} ${number(100 * share, 1)} %`).join(", ");
}

function say(text, heard = "") {
  byId("status").setAttribute("aria-live", state.running ? "off" : "polite");
  byId("status").replaceChildren(text, html("span", { class: "unseen" }, heard));
}

function sayTrouble() {
  const box = byId("alert"), { trouble } = state;
  const text = trouble ? troubleInWords(trouble) : "";
  if (box.dataset.text === text) return;
  box.dataset.text = text;
  box.replaceChildren();
  box.className = text ? "alert" : "";
  if (!text) return;
  say("Stopped. Here is why:");
  box.append(html("p", {}, text));
  if (stacked.matches) box.scrollIntoView({ block: "nearest" });
  if (trouble.component === null || state.floor > 0) return;
  const cure = html("button", { type: "button", id: "cure" }, "Set a smallest spread and start again");
  cure.addEventListener("click", () => {
    remember();
    state.floor = 0.001;
    reset();
    showControls();
    render();
    say("A smallest spread is set, and the components are back at their start. Press Run.");
    byId("run").focus();
  });
  box.append(cure);
}

function troubleInWords({ component, message }) {
  if (component === null) return `There is no mixture: ${message}`;
  const cure = state.floor > 0 ? "Choose a larger smallest spread" : "Set a smallest spread, start elsewhere";
  const why = now() ? "EM stops here, and the picture shows the step before." : "There is no mixture to begin with.";
  return `Component ${component} (${shape(component)}) has collapsed: ${message} ${why} ${cure}, or choose a smaller K.`;
}

// ---- the picture

let view = [[0, 1], [0, 1]];
const presenting = () => document.body.classList.contains("present");

// what the picture shows: the points and a margin, the same while they are dragged
function look() {
  const given = datasets[state.dataset].view;
  view = given && !state.points.length ? given : [0, 1].map((d) => rangeOf(state.points.length ? gmm.column(state.points, d) : [0, 10]));
}

function roomBelow() {
  const top = byId("plots").getBoundingClientRect().top + scrollY;
  return innerHeight - top - byId("bar-row").offsetHeight - 18;
}

function tall() {
  const width = byId("plot").clientWidth;
  if (presenting()) return Math.max(240, roomBelow());
  if (stacked.matches) return Math.round(clamp(width * 0.82, 240, 440));
  return Math.round(clamp(Math.min(width * 0.85, roomBelow()), 380, 760));
}

const font = (width) => (presenting() ? clamp(innerWidth / 80, 16, 32) : clamp(width / 52, 12.5, 17));

const plot = picture(byId("plot"), {
  name: "Points and components", role: "application", x: [0, 1], y: [0, 1], labels: ["", ""], tall, font, redraw: () => render(),
  tool: () => tool() === "add" || tool() === "place",
  toolHolds: () => false, // with a finger one tap adds; a swipe scrolls
  onTool: (place, phase, finger) => useTool(place, phase, finger),
  onTap: (place) => useTool(place, "tap", true),
  onNothing: () => {
    if (tool() !== "move") return;
    Object.assign(state, { chosen: -1, pinned: -1, inspect: -1 });
    render();
  },
});
plot.element.setAttribute("aria-describedby", "keys");

const setDots = plot.group("points", {
  kind: "point", layer: "points", reach: 11, roving: true,
  grasp: () => tool() === "move" && remember(),
  drag: (n, to) => tool() === "move" && movePoint(n, to),
  drop: () => sayMoved("point", dots.current),
  select: (n) => (tool() === "remove" ? removePoint(n) : pin(n)),
  hover: (n) => tool() === "move" && inspect(n),
  focus: (n) => {
    dots.current = n;
    pin(n, false);
  },
  key: (n, event) => onPoint(n, event.key),
});
const setMeans = plot.group("means", {
  kind: "mean", reach: 18,
  grasp: () => remember(),
  drag: (k, to, how) => moveMean(k, to, how),
  drop: (k) => sayMoved("mean", k),
  select: (k) => choose(k),
  key: (k, event) => event.key === "Enter" && (choose(k), true),
});
let axesHeld = null; // of the ellipse that is being turned, so that its two ends keep their places
const setEnds = plot.group("ends", {
  kind: "end", reach: 16, direct: true,
  grasp: () => remember(),
  drag: (end, to) => turn(end, to),
  drop: () => say(`Ellipse of component ${state.chosen} changed. ${digest()}`),
});
const dots = setDots([]);

const inPlot = (place, n) => (flat() ? [place[0], plot.options.y[1] * (0.02 + 0.05 * ((n * 0.618) % 1))] : place);
const density = (mixture, k, x) => mixture.weights[k] * Math.exp(gmm.logGaussian([[x]], mixture.means[k], mixture.covariances[k])[0]);

function frameForNow(mixture) {
  const { labels } = state, d = dims();
  if (!flat()) return plot.fit({ x: view[0], y: view[1], equal: datasets[state.dataset].equal, room: 3.7, labels });
  const x = view[d[0]];
  const peaks = mixture ? mixture.means.map((mean, k) => density(mixture, k, mean[0])) : [1];
  const top = peaks.length ? Math.max(...peaks.map((peak, k) => Math.max(peak, mixture ? gmm.sum(mixture.means.map((_, i) => density(mixture, i, mixture.means[k][0]))) : 1))) : 1;
  return plot.fit({ x, y: [0, top * 1.18], equal: false, room: 4.9, labels: [labels[d[0]], "density"] });
}

let shown = null; // the mixture on the screen, which follows the one that is meant
let tween = 0;

function render(move = true) {
  const target = mixtureNow();
  frameForNow(target);
  drawDots();
  const from = shown;
  cancelAnimationFrame(tween);
  const same = from && target && from.weights.length === target.weights.length && from.means[0].length === target.means[0].length;
  if (move && same && from !== target && !still() && !state.running && state.glide) glide(from, target, performance.now(), 260);
  else drawShapes(target);
  if (state.trouble?.component >= 0 && state.trouble.component !== null && target && !still() && state.shrinking !== state.trouble) {
    state.shrinking = state.trouble;
    glide(target, shrunk(target, state.trouble.component), performance.now(), 900);
  }
  state.glide = false;
  drawGhosts();
  drawKmeans();
  drawTrace();
  drawNumbers();
  drawBar();
  drawRuns();
  drawInspector();
  sayTrouble();
  showButtons();
  writeLink();
}

// the mixture with one component almost on a point
function shrunk(mixture, k) {
  const { means, responsibilities } = { means: mixture.means, responsibilities: now().responsibilities };
  const to = gmm.mean(seen(), responsibilities)[k];
  return {
    ...mixture, means: means.map((mean, i) => (i === k ? to : mean)),
    covariances: mixture.covariances.map((sigma, i) => (i === k ? sigma.map((row) => row.map((x) => x * 1e-4)) : sigma)),
  };
}

const mix = (a, b, t) => (Array.isArray(a) ? a.map((x, i) => mix(x, b[i], t)) : a + t * (b - a));

function glide(from, to, began, long) {
  const t = clamp((performance.now() - began) / long, 0, 1), eased = t * t * (3 - 2 * t);
  drawShapes(t === 1 ? to : { weights: mix(from.weights, to.weights, eased), means: mix(from.means, to.means, eased), covariances: mix(from.covariances, to.covariances, eased) });
  if (t < 1) tween = requestAnimationFrame(() => glide(from, to, began, long));
}

function drawDots() {
  const gammas = responsibilitiesNow(), points = seen(), N = points.length;
  const size = N < 50 ? 5.5 : N < 400 ? 4 : 2.8;
  setDots(points.map((point, n) => {
    const gamma = gammas?.[n];
    return {
      place: inPlot(point, n), size, marker: gamma ? markers[gmm.argmax(gamma)] : "o", fill: gamma ? color(gamma) : gray,
      label: `point ${n + 1} of ${N} at ${place(point)}`, extra: n === state.inspect || n === state.pinned ? "chosen" : "",
    };
  }));
}

function drawShapes(mixture) {
  shown = mixture;
  if (!mixture) {
    for (const name of ["curves", "lines"]) plot.draw(name);
    setMeans(placed());
    return void setEnds([]);
  }
  const { means, weights } = mixture;
  const many = means.length > 3;
  plot.draw("curves", flat() ? curves(mixture) : outlines(plot, mixture, many && !presenting() ? [1, 2] : [1, 2]));
  const peak = (k) => (flat() ? [means[k][0], density(mixture, k, means[k][0])] : means[k]);
  setMeans(state.placing.length ? placed() : means.map((mean, k) => ({
    place: peak(k), marker: markers[k], size: 7, stroke: colors[k], label: `mean of component ${k}, ${shape(k)}, at ${place(mean)}`,
    extra: `${k === state.chosen ? "chosen" : ""} ${state.trouble?.component === k ? "collapsed" : ""}`,
  })));
  const k = state.chosen;
  setEnds(k < 0 || k >= means.length || state.placing.length ? [] : endsOf(mixture, k).map((place, end) => ({
    place, marker: "s", size: 6, stroke: colors[k], label: flat() ? `spread of component ${k}, ${number(Math.sqrt(mixture.covariances[k][0][0]), 2)}` : `${end ? "short" : "long"} axis of component ${k}`,
  })));
  const gone = state.placing.length ? [] : means.map((mean, i) => {
    const [x, y] = plot.toPixels(peak(i)), { font } = plot.frame;
    return svg("text", { class: "name", x: x + font * 0.8, y: y - font * 0.7, "font-size": font * 0.95 }, String(i));
  });
  plot.draw("lines", trails(), inspectLines(mixture), gone);
}

function endsOf(mixture, k) {
  if (flat()) {
    const mu = mixture.means[k][0], x = mu + Math.sqrt(mixture.covariances[k][0][0]);
    return [[x, density(mixture, k, x)]];
  }
  return axisEnds(plot, mixture.means[k], axesHeld ?? axesOn(plot, mixture.covariances[k]));
}

const placed = () => state.placing.map((center, k) => ({ place: flat() ? [center[0], 0] : center, marker: markers[k], size: 8, stroke: colors[k], label: `start ${k} at ${place(center)}` }));

function curves(mixture) {
  const parts = mixture.means.map((_, k) => svg("path", { class: "curve", d: curve(plot, (x) => density(mixture, k, x)), stroke: colors[k], "stroke-dasharray": dash(k) }));
  const total = (x) => gmm.sum(mixture.means.map((_, k) => density(mixture, k, x)));
  return [svg("path", { class: "curve total", d: curve(plot, total) }), ...parts];
}

function trails() {
  if (flat()) return [];
  return (mixtureNow()?.means ?? []).flatMap((_, k) => {
    const d = plot.path(state.steps.slice(0, state.at + 1).map((step) => step.mixture.means[k]));
    return [svg("path", { class: "halo", d }), svg("path", { class: "trail", d, stroke: colors[k] })];
  });
}

function drawGhosts() {
  if (flat()) return plot.draw("back");
  plot.draw("back", state.runs.filter((run) => run.axis === "xy").flatMap((run) => run.paths.map((places) => svg("path", { class: "ghost", d: plot.path(places) }))));
}

// from the point that is looked at to each mean, the thicker the more it belongs to it
function inspectLines(mixture) {
  const point = seen()[state.inspect];
  if (!point || state.placing.length) return [];
  const gamma = gmm.eStep([point], mixture).responsibilities[0];
  return gamma.map((share, k) => {
    const mean = flat() ? [mixture.means[k][0], density(mixture, k, mixture.means[k][0])] : mixture.means[k];
    return svg("path", { class: "pull", d: plot.path([inPlot(point, state.inspect), mean]), stroke: colors[k], "stroke-width": 0.6 + 7 * share, opacity: 0.35 + 0.5 * share });
  });
}

// ---- k-means beside it

const kplot = picture(byId("kmeans"), { name: "k-means from the same start", role: "img", x: [0, 1], y: [0, 1], labels: ["", ""], tall, font: () => plot.frame?.font ?? 14, redraw: () => drawKmeans() });

function drawKmeans() {
  const on = state.beside && !flat();
  if (byId("kmeans").hidden === on) {
    byId("kmeans").hidden = !on;
    return render(false);
  }
  if (!on || !now()) return;
  kplot.fit({ x: view[0], y: view[1], equal: datasets[state.dataset].equal, labels: [`k-means: ${state.labels[0]}`, state.labels[1]], tall: () => (stacked.matches ? 240 : tall()) });
  while (state.kmeans.length <= state.at) state.kmeans.push(gmm.kmeansStep(state.points, last(state.kmeans)));
  const centers = state.kmeans[state.at];
  const hard = state.colored >= 0 ? gmm.hardResponsibility(state.points, state.kmeans[state.colored]) : null;
  kplot.draw("points", state.points.map((point, n) => {
    const [x, y] = kplot.toPixels(point), k = hard ? hard[n].indexOf(1) : -1;
    return svg("path", { d: paths[k < 0 ? "o" : markers[k]], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(4)`, fill: k < 0 ? gray : colors[k] });
  }));
  kplot.draw("front", centers.map((center, k) => {
    const [x, y] = kplot.toPixels(center);
    return svg("path", { class: "cross", d: cross, transform: `translate(${x} ${y}) scale(8)`, fill: colors[k] });
  }));
  kplot.element.setAttribute("aria-label", `k-means from the same start after step ${state.at}: centers ${centers.map((center) => `(${place(center)})`).join(", ")}`);
}

// ---- the trace, the numbers, the weights, the runs

const chart = picture(byId("trace"), {
  name: "", role: "img", x: [0, 5], y: [0, 1], labels: ["step", ""], whole: true, redraw: () => drawTrace(), font: () => (presenting() ? font() * 0.85 : 12.5), room: 5.2,
  tall: () => (presenting() ? clamp(innerHeight * 0.26, 160, 420) : stacked.matches ? 120 : 178),
});
chart.element.addEventListener("click", (event) => {
  if (!now()) return;
  const [t] = chart.fromPixels([event.clientX - chart.element.getBoundingClientRect().left, 0]);
  go(clamp(Math.round(t), 0, state.steps.length - 1));
});

function drawTrace() {
  const all = trace(), others = state.runs.map((run) => run.trace);
  const good = (list) => (list.length > 3 ? list.slice(1) : list); // the start may be far below
  const values = [...good(all), ...others.flatMap(good)];
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [-1, 0];
  const margin = 0.08 * (high - low) || 5;
  const longest = Math.max(5, all.length - 1, ...others.map((list) => Math.min(list.length - 1, 2 * all.length + 20)));
  chart.fit({ x: [0, longest], y: [low - margin, high + margin] });
  const path = (list) => chart.path(list.map((value, t) => [t, value]));
  chart.draw("back", others.map((list) => svg("path", { class: "ghost", d: path(list) })));
  const dots = (all.length > 60 ? [] : all).map((value, t) => {
    const [cx, cy] = chart.toPixels([t, value]);
    return svg("circle", { class: "dot", cx, cy, r: 3 });
  });
  const here = now() ? (([cx, cy]) => [svg("line", { class: "guide", x1: cx, x2: cx, y1: chart.frame.top, y2: chart.frame.top + chart.frame.height }), svg("circle", { class: "here", cx, cy, r: 5.5 })])(chart.toPixels([state.at, all[state.at]])) : [];
  chart.draw("curves", svg("path", { class: "curve total", d: path(all) }), dots, here);
  const told = all.length > 1 ? `It goes from ${log(all[0])} to ${log(last(all))} in ${all.length - 1} ${all.length === 2 ? "step" : "steps"}.` : "No step yet.";
  chart.element.setAttribute("aria-label", `The log-likelihood of each step. ${told}`);
  byId("level").textContent = now() ? `${log(now().logLikelihood)}${state.at ? `, step ${state.at}` : ""}` : "–";
  const slider = byId("at");
  slider.max = Math.max(0, all.length - 1);
  slider.value = state.at;
  slider.disabled = all.length < 2;
  slider.setAttribute("aria-valuetext", now() ? `step ${state.at}, log-likelihood ${log(now().logLikelihood)}` : "no step");
}

function drawNumbers() {
  const d = dims();
  byId("mean-x").textContent = `mean ${state.labels[d[0]]}`;
  byId("mean-y").textContent = `mean ${state.labels[d[1] ?? 1]}`;
  byId("mean-y").hidden = flat();
  const gammas = responsibilitiesNow(), counts = gammas?.length ? gmm.count(gammas) : null;
  byId("numbers").replaceChildren(...(mixtureNow()?.weights ?? []).map((pi, k) => html("tr", {},
    html("th", { scope: "row" }, icon(k), String(k)), html("td", {}, number(pi, 4)),
    ...mixtureNow().means[k].map((x, i) => html("td", {}, number(x, digits()[d[i]] + 1))), html("td", {}, counts ? number(counts[k], 1) : "–"))));
}

function drawBar() {
  const weights = mixtureNow()?.weights ?? [], bar = byId("bar");
  while (bar.children.length > Math.max(0, 2 * weights.length - 1)) bar.lastChild.remove();
  while (bar.children.length < 2 * weights.length - 1) bar.append(bar.children.length % 2 ? divider((bar.children.length - 1) / 2) : html("div", { class: "part" }));
  weights.forEach((pi, k) => {
    const part = bar.children[2 * k];
    part.style.cssText = `flex: ${pi} 1 0; background: ${colors[k]}; border-radius: ${k ? 0 : 6}px ${k < weights.length - 1 ? 0 : 6}px ${k < weights.length - 1 ? 0 : 6}px ${k ? 0 : 6}px`;
    part.textContent = pi > 0.07 ? number(pi, 2) : "";
    const between = bar.children[2 * k + 1];
    if (!between) return;
    const sum = gmm.sum(weights.slice(0, k + 1));
    for (const [name, value] of Object.entries({ "aria-valuenow": Math.round(1000 * sum) / 10, "aria-valuetext": `weight ${number(pi, 2)} for component ${k}, ${number(weights[k + 1], 2)} for component ${k + 1}` })) between.setAttribute(name, value);
  });
}

function divider(k) {
  const element = html("div", { class: "between", role: "slider", tabindex: 0, "aria-label": `between the weights of components ${k} and ${k + 1}`, "aria-valuemin": 0, "aria-valuemax": 100 });
  const drag = (event) => {
    const box = byId("bar").getBoundingClientRect();
    moveWeight(k, (event.clientX - box.left) / box.width - gmm.sum(mixtureNow().weights.slice(0, k)));
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    element.focus();
    remember();
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", drag);
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => element.removeEventListener("pointermove", drag));
  element.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    remember();
    moveWeight(k, mixtureNow().weights[k] + by * (event.shiftKey ? 0.002 : 0.02));
  });
  return element;
}

function drawRuns() {
  const current = state.steps.length > 1 ? [{ ...described(state.steps, state.madeBy ?? startName(), false), number: "now", current: true }] : [];
  const rows = [...state.runs, ...current].reverse();
  const best = Math.max(...rows.filter((run) => run.K === state.K && !run.collapsed).map((run) => run.logLikelihood));
  byId("runs").replaceChildren(...rows.map((run) => {
    const cell = html("td");
    if (!run.current) {
      const button = html("button", { type: "button", "aria-label": `show run ${run.number}` }, "show");
      button.addEventListener("click", () => showRun(run));
      cell.append(button);
    }
    return html("tr", { class: run.logLikelihood > best - 1e-3 && run.K === state.K ? "best" : "" }, html("th", { scope: "row" }, String(run.number)), html("td", {}, run.start),
      html("td", {}, `${run.K}${run.shape === "full" ? "" : ` ${run.shape}`}`), html("td", {}, String(run.steps)), html("td", {}, run.collapsed ? "collapsed" : log(run.logLikelihood)), html("td", {}, run.collapsed ? "–" : number(run.bic, 1)), cell);
  }));
  if (!rows.length) byId("runs").replaceChildren(html("tr", {}, html("td", { colspan: 7 }, "None yet: press Run, or Ten random starts.")));
}

// ---- one point: its responsibilities as bars, and the formula with its numbers

function inspect(n) {
  const next = n >= 0 ? n : state.pinned;
  if (next === state.inspect) return;
  state.inspect = next;
  drawInspector();
  drawDots();
  if (mixtureNow() && shown === mixtureNow()) drawShapes(mixtureNow());
}

function pin(n, spoken = true) {
  state.pinned = n;
  state.inspect = -2;
  inspect(n);
  if (spoken) say(`Point ${n + 1} at ${place(seen()[n])}: ${belongs(n)}.`);
}

// a number with as many digits as a reader can compare
const short = (x) => (x >= 0.001 || x === 0 ? x.toPrecision(3) : x.toExponential(1).replace("e-", " × 10⁻").replace(/⁻(\d+)$/, (_, power) => `⁻${[...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`));

function drawInspector() {
  const point = seen()[state.inspect], box = byId("inspector"), mixture = mixtureNow();
  if (!point || !mixture) {
    return void box.replaceChildren(html("p", { class: "how" }, stacked.matches ? "Tap a point to see whose it is." : "Point at a dot to see whose it is."));
  }
  const densities = mixture.means.map((mean, k) => Math.exp(gmm.logGaussian([point], mean, mixture.covariances[k])[0]));
  const gamma = gmm.eStep([point], mixture).responsibilities[0];
  const total = gmm.sum(densities.map((density, k) => density * mixture.weights[k]));
  box.replaceChildren(
    html("p", { class: "at" }, html("b", {}, `Point ${state.inspect + 1}`), ` at (${place(point)})`),
    html("div", { class: "who" }, ...gamma.flatMap((share, k) => {
      const fill = html("span");
      fill.style.cssText = `width: ${100 * share}%; background: ${colors[k]}`;
      return [html("span", { title: `component ${k}` }, icon(k)), html("span", { class: "track" }, fill),
        html("span", {}, html("b", {}, number(share, 3)), html("span", { class: "how" }, ` = ${number(mixture.weights[k], 2)} × ${short(densities[k])} / ${short(total)}`))];
    })),
    html("p", { class: "how" }, `responsibility = weight × density / sum of all`));
}

// ---- changes by hand

const tool = () => document.querySelector('[name="tool"]:checked').value;

function movePoint(n, to) {
  state.points[n] = state.points[n].map((x, d) => (flat() ? (d === dims()[0] ? to[0] : x) : to[d]));
  forgetRuns();
  beginAgain();
  state.inspect = state.pinned = n;
  render(false);
}

// other points: the log-likelihoods of earlier runs no longer compare
function forgetRuns() {
  Object.assign(state, { runs: [], runNumber: 1, nextSeed: 1 });
  if (state.steps.length > 1) state.steps = state.steps.slice(state.at, state.at + 1);
  state.at = 0;
  state.colored = Math.min(state.colored, 0);
}

function byHand(given) {
  const mixture = gmm[state.constraint](given);
  const colored = state.colored >= 0;
  stop();
  keepRun();
  Object.assign(state, { start: "hand", madeBy: null, steps: [] });
  const before = state.hand;
  state.hand = mixture;
  if (!attempt(() => (begin(mixture, colored), true))) state.hand = before;
  showControls();
}

function moveMean(k, to, how = {}) {
  const mixture = mixtureNow();
  if (!mixture) return;
  let goal = flat() ? [to[0]] : to;
  if (!how.keys && !flat()) { // so that two means can be put on the very same spot
    const [x, y] = plot.toPixels(to);
    goal = mixture.means.find((mean, i) => i !== k && Math.hypot(...plot.toPixels(mean).map((at, d) => at - [x, y][d])) < 6) ?? goal;
  }
  byHand({ ...mixture, means: mixture.means.map((mean, i) => (i === k ? [...goal] : mean)) });
  state.chosen = k;
  render(false);
}

function turn(end, to) {
  const mixture = mixtureNow(), k = state.chosen, mean = mixture.means[k];
  let sigma;
  if (flat()) {
    sigma = [[Math.max(Math.abs(to[0] - mean[0]), 0.004 * (plot.frame.x[1] - plot.frame.x[0])) ** 2]];
  } else {
    axesHeld = turned(plot, mean, axesHeld ?? axesOn(plot, mixture.covariances[k]), end, to);
    sigma = covarianceOn(plot, axesHeld);
  }
  byHand({ ...mixture, covariances: mixture.covariances.map((old, i) => (i === k ? sigma : old)) });
  render(false);
}

function moveWeight(k, weight) {
  const { weights } = mixtureNow(), both = weights[k] + weights[k + 1];
  const first = clamp(weight, 0.005, both - 0.005);
  byHand({ ...mixtureNow(), weights: weights.map((pi, i) => (i === k ? first : i === k + 1 ? both - first : pi)) });
  render(false);
  say(`Weights ${mixtureNow().weights.map((pi) => number(pi, 2)).join(", ")}. ${digest()}`);
}

function choose(k) {
  axesHeld = null;
  state.chosen = k;
  render();
  const mixture = mixtureNow();
  say(`Component ${k}, ${shape(k)}: weight ${number(mixture.weights[k], 3)}, mean (${place(mixture.means[k])}). Drag the squares to change its ellipse.`);
}

function addPoints(places) {
  const room = MOST_POINTS - state.points.length;
  for (const place of places.slice(0, Math.max(0, room))) state.points.push(flat() ? [place[0], place[0]] : place);
  forgetRuns();
  if (mixtureNow()) beginAgain();
  else reset();
  render(false);
}

function addPoint(at) {
  remember();
  addPoints([at]);
  dots.current = state.points.length - 1;
  render(false);
  say(`Point ${state.points.length} added at ${place(last(seen()))}.`);
}

function removePoint(n) {
  remember();
  const at = place(seen()[n]);
  state.points.splice(n, 1);
  dots.current = Math.max(0, Math.min(n, state.points.length - 1));
  state.inspect = state.pinned = -1;
  forgetRuns();
  if (state.points.length >= state.K) beginAgain();
  else reset();
  render(false);
  say(`The point at ${at} is removed; ${state.points.length} are left.`);
}

// spraying and placing
const spray = gmm.generator(77);
let sprayed = 0;

function useTool(at, phase, finger) {
  if (tool() === "place") return void ((phase === "tap" || (phase === "down" && !finger)) && placeStart(at));
  if (phase === "up") return void (sprayed && say(`${sprayed} ${sprayed === 1 ? "point" : "points"} added; there are ${state.points.length}.`));
  if (phase === "down" || phase === "tap") {
    remember();
    sprayed = 0;
  }
  const [width, height] = [plot.frame.x, plot.frame.y].map(([low, high]) => 0.02 * (high - low));
  const count = phase === "move" ? 1 : phase === "tap" ? 5 : 1;
  const near = phase === "down" ? [at] : gmm.sample({ weights: [1], means: [at], covariances: [[[width ** 2, 0], [0, height ** 2]]] }, count, spray);
  sprayed += near.length;
  addPoints(near.map((place) => plot.inside(place).map((x) => Number(x.toPrecision(5)))));
  if (phase === "tap") say(`${sprayed} points added; there are ${state.points.length}.`);
}

function placeStart(at) {
  if (!state.placing.length) remember();
  stop();
  keepRun();
  state.placing = [...state.placing, flat() ? [at[0]] : at];
  if (state.placing.length < state.K) {
    Object.assign(state, { steps: [], at: 0, colored: -1, trouble: null });
    render(false);
    return say(`Start ${state.placing.length} of ${state.K} placed. Click where the next one goes.`);
  }
  const centers = state.placing;
  state.placing = [];
  const mixture = attempt(() => aroundCenters(centers));
  if (mixture) byHand(mixture);
  render(false);
  if (mixture) say(`All ${state.K} starts are placed. ${digest()} Press Run.`);
}

// each center a mean, and all with the same spread
function aroundCenters(centers) {
  const points = seen();
  if (points.length < state.K) throw new RangeError(`there are ${points.length} points for ${state.K} components: add points, or choose a smaller K.`);
  const one = gmm.mStep(points, points.map(() => [1])).covariances[0];
  const share = 1 / state.K ** 2;
  const sigma = one.map((row, i) => row.map((x, j) => (i === j ? x * share : 0)));
  return gmm.constrained(constraint(), { weights: centers.map(() => 1 / state.K), means: centers, covariances: centers.map(() => sigma) });
}

function sayMoved(kind, index) {
  axesHeld = null;
  if (!now()) return;
  const at = kind === "mean" ? `Mean ${index} is at ${place(mixtureNow().means[index])}` : `Point ${index + 1} is at ${place(seen()[index])}`;
  say(`${at}. ${digest()}`);
}

function onPoint(n, key) {
  const end = state.points.length - 1;
  const goals = { n: Math.min(n + 1, end), v: Math.max(n - 1, 0), Home: 0, End: end };
  if (key in goals) {
    plot.focus("points", goals[key]);
  } else if (key === "a" || key === "Insert") {
    addPoint(state.points[n].map((x, d) => x + 0.03 * (view[d][1] - view[d][0])));
    plot.focus("points", dots.current);
  } else if (key === "Delete" || key === "Backspace") {
    removePoint(n);
    if (state.points.length) plot.focus("points", dots.current);
    else byId("restore").focus();
  } else if (key === "Enter" || key === " ") {
    pin(n);
  } else {
    return false;
  }
  return true;
}

// ---- the buttons

function go(t) {
  stop();
  state.trouble = null;
  state.at = t;
  state.colored = t;
  state.glide = true;
  render();
  say(`Step ${t}. ${digest()}`);
}

const NO_POINTS = "There is nothing to step: add points first.";
const actions = {
  E() {
    stop();
    if (!now()) return say(NO_POINTS);
    pressE();
    render();
    const counts = gmm.count(responsibilitiesNow()).map((count, k) => ` Component ${k} has ${number(count, 1)} points.`);
    say(converged() ? "Converged: the colors stay as they are." : "E: the points are colored. Next: M.", counts.join(""));
  },
  M() {
    stop();
    if (!now()) return say(NO_POINTS);
    if (!fresh()) return say(state.colored >= 0 ? "The colors are those of the step before, so nothing moves. Press E first." : "No point is colored yet. Press E first.");
    const before = now().logLikelihood;
    state.glide = true;
    const moved = pressM();
    render();
    if (moved) say(`M, step ${state.at}: ${change(before)} ${digest()} Next: E.`, numbersInWords());
  },
  back() {
    stop();
    if (!now()) return say(NO_POINTS);
    const wasStart = state.at === 0;
    state.glide = true;
    back();
    render();
    say(wasStart ? `This is the start. ${digest()}` : `Back at step ${state.at}. ${digest()}`, numbersInWords());
  },
  step() {
    stop();
    if (!now()) return say(NO_POINTS);
    const before = now().logLikelihood;
    state.glide = true;
    const moved = step();
    render();
    if (moved) say(`Step ${state.at}: ${change(before)} ${digest()}${converged() ? " Converged." : ""}`, numbersInWords());
  },
  run() {
    if (state.running) {
      stop();
      render();
      return say(`Stopped after ${steps()}. ${digest()}`, numbersInWords());
    }
    run();
    if (state.running) {
      say("Running.");
      render();
    } else if (!now()) {
      say(NO_POINTS);
    }
  },
  reset() {
    state.glide = true;
    reset();
    render();
    if (now()) say(`Back at the start. ${digest()}`, numbersInWords());
  },
  undo,
  present: () => present(!presenting()),
};

function change(before) {
  const gain = now().logLikelihood - before;
  if (Math.abs(gain) <= 64 * Number.EPSILON * Math.abs(before)) return "nothing changes.";
  return gain < 0 ? `down by ${(-gain).toPrecision(2)}, because of the smallest spread.` : `up by ${number(gain, gain < 0.1 ? 6 : 2)}.`;
}

function showButtons() {
  const done = converged() || Boolean(state.trouble);
  byId("E").classList.toggle("next", Boolean(now()) && !fresh() && !state.trouble);
  byId("M").classList.toggle("next", Boolean(now()) && fresh() && !done);
  byId("run").textContent = state.running ? "Stop" : "Run";
  byId("undo").disabled = !state.undo.length;
  byId("back").disabled = !now() || (state.at === 0 && state.colored < 0);
}

for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);

byId("at").addEventListener("input", () => go(Number(byId("at").value)));
byId("speed").addEventListener("input", () => {
  const name = ["", "slow", "normal", "fast", "at once"][Number(byId("speed").value)];
  byId("speed-name").textContent = name;
  byId("speed").setAttribute("aria-valuetext", name);
});
byId("ten").addEventListener("click", tenStarts);
byId("forget").addEventListener("click", () => {
  remember();
  Object.assign(state, { runs: [], runNumber: 1, nextSeed: 1 });
  render();
});
byId("clear").addEventListener("click", () => {
  remember();
  const { labels } = state, old = view;
  choosePoints("own", [], labels);
  if (datasets.own.view !== old) view = state.undo.length && last(state.undo).points.length ? old : view;
  reset();
  document.querySelector('[value="add"]').checked = true;
  document.body.dataset.tool = "add";
  showControls();
  render();
  say("The picture is empty. Draw points with the mouse, or tap.");
});
for (const radio of document.querySelectorAll('[name="tool"]')) {
  radio.addEventListener("change", () => {
    document.body.dataset.tool = tool();
    state.placing = [];
    const told = {
      move: "Drag points and components, and point at a dot to see whose it is.", add: "Hold the mouse down and draw. A tap adds five points.",
      remove: "Click a point, and it goes.", place: `Click ${state.K} places, one for each component.`,
    };
    say(told[tool()]);
  });
}

// ---- the controls

const controls = {
  dataset: (value) => choosePoints(value),
  K: (value) => {
    state.K = Number(value);
    state.hand = null;
    if (state.start === "hand") state.start = "kmeansPlusPlus";
  },
  constraint: (value) => (state.constraint = value),
  floor: (value) => (state.floor = Number(value)),
  start: (value) => {
    state.start = value;
    if (value === "hand") state.hand = mixtureNow();
  },
  seed: (value) => (state.seed = clamp(Math.floor(Number(value)) || 1, 1, 999999)),
  axis: (value) => {
    if (value !== state.axis) Object.assign(state, { hand: null, steps: [], runs: [], start: state.start === "hand" ? "kmeansPlusPlus" : state.start, chosen: -1, axis: value });
  },
};

function showControls() {
  for (const id of Object.keys(controls)) byId(id).value = String(state[id]);
  byId("seed").disabled = state.start === "hand";
  byId("beside").checked = state.beside;
  byId("beside").disabled = flat();
}

for (const [id, change] of Object.entries(controls)) {
  byId(id).addEventListener("change", (event) => {
    remember();
    stop();
    keepRun();
    state.steps = id === "start" ? state.steps : [];
    change(event.target.value);
    state.madeBy = null;
    actions.reset();
    showControls();
  });
}
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("beside").addEventListener("change", () => {
  state.beside = byId("beside").checked;
  render(false);
  if (state.beside) byId("plots").scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
});
byId("restore").addEventListener("click", () => {
  remember();
  const { hand, start } = state;
  choosePoints(state.dataset);
  if (start === "hand") Object.assign(state, { hand, start });
  actions.reset();
  showControls();
});

// ---- a table pasted

// { points, labels } of a text; raises RangeError with what is wrong
export function parseTable(text) {
  const rows = text.split(/\r?\n/).map((row) => row.trim()).filter(Boolean);
  const comma = rows.some((row) => row.includes(";")) && rows.every((row) => !/\d\.\d/.test(row));
  const cells = rows.map((row) => row.split(row.includes(";") ? /\s*;\s*/ : row.includes("\t") ? /\s*\t\s*/ : row.includes(",") ? /\s*,\s*/ : /\s+/));
  const value = (cell) => (cell === "" || cell === undefined ? NaN : Number(comma ? cell.replace(",", ".") : cell));
  const header = cells.length && cells[0].slice(0, 2).some((cell) => Number.isNaN(value(cell)));
  const body = header ? cells.slice(1) : cells;
  const points = body.map((row, i) => {
    const point = [value(row[0]), value(row[1])];
    if (!point.every(Number.isFinite)) throw new RangeError(`Line ${i + 1 + (header ? 1 : 0)} has no two numbers in front: “${rows[i + (header ? 1 : 0)].slice(0, 40)}”.`);
    return point;
  });
  if (points.length < 3) throw new RangeError(`There are ${points.length} points: paste at least 3.`);
  if (points.length > MOST_POINTS) throw new RangeError(`There are ${points.length} points: this page takes at most ${MOST_POINTS}.`);
  for (const d of [0, 1]) if (new Set(gmm.column(points, d)).size < 2) throw new RangeError(`Column ${d + 1} has one value only: choose columns that vary.`);
  return { points, labels: header ? cells[0].slice(0, 2).map((name, d) => name.replaceAll('"', "") || ["x", "y"][d]) : ["x", "y"] };
}

byId("csv").addEventListener("click", () => byId("paste").showModal());
byId("use").addEventListener("click", (event) => {
  try {
    const { points, labels } = parseTable(byId("pasted").value);
    remember();
    own(points, labels);
    byId("paste-error").textContent = "";
    actions.reset();
    showControls();
    say(`${points.length} points are in the picture. ${digest()}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    event.preventDefault();
    byId("paste-error").textContent = error.message;
  }
});

function own(points, labels) {
  const spreads = [0, 1].map((d) => Math.max(...gmm.column(points, d)) - Math.min(...gmm.column(points, d)));
  made.own = { ...makers.own(), points, labels, equal: Math.max(...spreads) < 3 * Math.min(...spreads), digits: spreads.map((spread) => clamp(Math.ceil(2 - Math.log10(spread)), 0, 6)) };
  choosePoints("own");
}

// ---- scenes

const scenes = {
  twins: {
    name: "Twins", ask: "Two components share one place, one size and one weight. Will they separate?", dataset: "faithful", K: 2,
    make() {
      const one = gmm.mStep(state.points, state.points.map(() => [1]));
      return { weights: [0.5, 0.5], means: [[3, 60], [3, 60]], covariances: [one.covariances[0], one.covariances[0]] };
    },
  },
  maximum: { name: "Local maximum", ask: "Three islands and a start at three random points. Does each component find an island?", dataset: "islands", K: 3, start: "randomPoints", seed: 1 },
  collapse: {
    name: "Collapse", ask: "Nine points, and one of them is far away. What becomes of the component that starts near it?", dataset: "few", K: 3,
    make: () => ({ weights: [0.4, 0.3, 0.3], means: [[2, 2], [6.5, 6], [6, 2]], covariances: [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[3, 0], [0, 1.5]]] }),
  },
  unequal: {
    name: "Unequal sizes", ask: "A large wide group and a small narrow one. Where does k-means cut, and where EM?", dataset: "unequal", K: 2, beside: true,
    make: () => gmm.mixtureAround(state.points, [[0, 0], [5, 0.5]]),
  },
  many: { name: "K too large", ask: "Three islands, six components. What do the others find to do?", dataset: "islands", K: 6, start: "kmeansPlusPlus", seed: 3 },
};

function setScene(key) {
  const scene = scenes[key];
  stop();
  choosePoints(scene.dataset);
  Object.assign(state, { K: scene.K, constraint: "full", floor: 0, axis: "xy", start: scene.start ?? "hand", seed: scene.seed ?? state.seed, beside: Boolean(scene.beside), steps: [], madeBy: null });
  state.hand = scene.make?.() ?? null;
  reset();
  showControls();
  render(false);
  say(`${scene.name}: ${scene.ask} Press Run.`, numbersInWords());
}

function playScene(key) {
  remember();
  setScene(key);
  byId("run").focus({ preventScroll: true });
  (stacked.matches ? document.querySelector(".work") : document.body).scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "start" });
}

for (const [key, { name, ask, dataset }] of Object.entries(scenes)) {
  const points = datasets[dataset].points, [x, y] = [0, 1].map((d) => rangeOf(gmm.column(points, d), 0.05));
  const d = points.map((point) => `M${(((point[0] - x[0]) / (x[1] - x[0])) * 160).toFixed(1)} ${(84 - ((point[1] - y[0]) / (y[1] - y[0])) * 84).toFixed(1)}h0`).join("");
  const button = html("button", { type: "button", "data-scene": key },
    svg("svg", { viewBox: "-2 -2 164 88", "aria-hidden": "true" }, svg("path", { d, stroke: "currentColor", "stroke-width": points.length < 20 ? 7 : 3.4, "stroke-linecap": "round", opacity: 0.55 })), html("b", {}, name), html("span", {}, ask));
  button.addEventListener("click", () => playScene(key));
  byId("scenes").append(button);
}

// ---- keys for the whole page

const SHORTCUTS = { e: "E", m: "M", s: "step", b: "back", r: "run", 0: "reset", u: "undo", p: "present" };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && presenting()) return present(false);
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.target.closest("textarea, input")) {
    event.preventDefault();
    return undo();
  }
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("textarea, select, dialog, input:not([type=radio], [type=checkbox], [type=range])")) return;
  const action = actions[SHORTCUTS[event.key.toLowerCase()]];
  if (!action) return;
  event.preventDefault();
  action();
});

// ---- present: the picture and the steps fill the screen

function present(on) {
  document.body.classList.toggle("present", on);
  byId("present").textContent = on ? "Leave" : "Present";
  if (on) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  scrollTo(0, 0);
  render(false);
}
document.addEventListener("fullscreenchange", () => !document.fullscreenElement && presenting() && present(false));
addEventListener("resize", () => render(false));

// ---- the link: everything that is needed to see the same again

const round = (x) => Number(x.toPrecision(6));
const numbersOf = (mixture) => [mixture.weights, mixture.means, mixture.covariances].map((part) => part.flat(2).map(round).join(",")).join(";");

function mixtureFrom(text, D) {
  const [weights, means, covariances] = text.split(";").map((part) => part.split(",").map(Number));
  const K = weights.length, total = gmm.sum(weights);
  if (means.length !== K * D || covariances.length !== K * D * D || ![...weights, ...means, ...covariances].every(Number.isFinite)) return null;
  const rows = (list, size) => Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));
  return { weights: weights.map((pi) => pi / total), means: rows(means, D), covariances: rows(rows(covariances, D), D) };
}

const DEFAULTS = { d: "faithful", K: "2", c: "full", f: "0", s: "kmeansPlusPlus", seed: "10", v: "xy", k: "0", t: "0", e: "0" };

function linkOf() {
  const given = state.dataset === "own" ? [] : datasets[state.dataset].points;
  const changed = state.points.length !== given.length || state.points.some((point, n) => point[0] !== given[n][0] || point[1] !== given[n][1]);
  const all = {
    d: state.dataset, K: state.K, c: state.constraint, f: state.floor, s: state.start, seed: state.seed, v: state.axis, k: Number(state.beside), t: state.at, e: Number(state.colored >= 0 && state.at === 0),
    ...(changed ? { p: state.points.map((point) => point.map(round).join(",")).join(";"), l: state.labels.join(";") } : {}),
    ...(state.start === "hand" && state.hand ? { h: numbersOf(state.hand) } : {}),
  };
  return Object.entries(all).filter(([name, value]) => DEFAULTS[name] !== String(value)).map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%3B", ";")}`).join("&");
}

let linkTimer = null;
function writeLink() {
  clearTimeout(linkTimer);
  linkTimer = setTimeout(() => {
    try {
      history.replaceState(null, "", `#${linkOf()}`);
    } catch {
      // a browser may refuse many changes in short time; the next one will do
    }
  }, 300);
}

const LINKED = /(^|&)[a-zA-Z]+=/;

// what the address asks for; whether it named a scene, which says itself what to do
function readLink() {
  const text = location.hash.slice(1), [, scene] = text.match(/^scene=(\w+)$/) ?? [];
  if (Object.hasOwn(scenes, scene)) {
    setScene(scene);
    return true;
  }
  const told = { ...DEFAULTS, ...(LINKED.test(text) ? Object.fromEntries(text.split("&").map((pair) => [pair.split("=")[0], decodeURIComponent(pair.slice(pair.indexOf("=") + 1))])) : {}) };
  const oneOf = (id, value, otherwise) => ([...byId(id).options].some((option) => option.value === value) ? value : otherwise);
  const dataset = oneOf("dataset", told.d, "faithful");
  const points = told.p?.split(";").slice(0, MOST_POINTS).map((pair) => pair.split(",").map(Number)).filter((point) => point.length === 2 && point.every(Number.isFinite));
  const labels = told.l?.split(";");
  if (points && dataset === "own" && points.length > 2) own(points, labels ?? ["x", "y"]);
  else choosePoints(dataset, points, labels?.length === 2 ? labels : undefined);
  Object.assign(state, {
    K: Number(oneOf("K", told.K, "2")), constraint: oneOf("constraint", told.c, "full"), floor: Number(oneOf("floor", told.f, "0")), start: oneOf("start", told.s, "kmeansPlusPlus"),
    seed: clamp(Number(told.seed) || 10, 1, 999999), axis: oneOf("axis", told.v, "xy"), beside: told.k === "1", steps: [], madeBy: null,
  });
  state.hand = told.h ? mixtureFrom(told.h, state.axis === "xy" ? 2 : 1) : null;
  if (state.hand && state.hand.weights.length !== state.K) state.hand = null;
  reset();
  if (told.e === "1") pressE();
  for (let t = 0; t < Math.min(MAX_STEPS, Number(told.t) || 0); t++) if (!step()) break;
  showControls();
  return false;
}

addEventListener("hashchange", () => {
  if (!LINKED.test(location.hash.slice(1)) || location.hash.slice(1) === linkOf()) return;
  readLink();
  render(false);
});

byId("copy").addEventListener("click", async () => {
  const link = `${location.href.split("#")[0]}#${linkOf()}`;
  try {
    history.replaceState(null, "", link);
    await navigator.clipboard.writeText(link);
    say("The link is copied. Whoever opens it sees what you see.");
  } catch {
    say("The link is in the address line: copy it from there.");
  }
});

// ---- light and dark: the choice is kept where the pages of the course keep theirs

const prefersDark = matchMedia("(prefers-color-scheme: dark)");

function remembered(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return null; // where nothing may be stored
  }
}

function useTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
}

const chosenTheme = () => (["light", "dark"].includes(remembered("mode")) ? remembered("mode") : null);
const currentTheme = () => chosenTheme() ?? (prefersDark.matches ? "dark" : "light");

byId("theme").addEventListener("click", () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  remembered("mode", theme);
  remembered("theme", theme);
  useTheme(theme);
});
prefersDark.addEventListener("change", () => useTheme(currentTheme()));

// ---- begin

useTheme(currentTheme());
document.body.dataset.tool = tool();
if (!readLink()) {
  render(false);
  say(fresh() ? `The points are colored by the component they belong to. ${digest()} Press M.` : "The points are gray: they belong to no component yet. Press E.");
}

export const page = { state, datasets, gmm, looks, plot, trace, mixture: mixtureNow, responsibilities: responsibilitiesNow, converged, frame: () => plot.frame, toPixels: plot.toPixels, parseTable };
window.play = page;
