"use strict";
// The page: what is drawn, what can be pressed and dragged. All arithmetic is in em.js.

// ---- looks: a component's color, marker and line, as in gmm_tutorial/plots.py

gmm.looks = {
  colors: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"],
  gray: "#767676",
  markers: ["o", "^", "s", "D", "v", "P"],
  lines: ["-", "--", "-.", ":", "-..", "-"],
  // each marker as a path of about the same area, one unit in radius
  paths: {
    "o": "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
    "^": "M0-1.15L1.15 1H-1.15Z",
    "s": "M-.9-.9H.9V.9H-.9Z",
    "D": "M0-1.25L1.25 0L0 1.25L-1.25 0Z",
    "v": "M0 1.15L1.15-1H-1.15Z",
    "P": "M-.45-1.2H.45V-.45H1.2V.45H.45V1.2H-.45V.45H-1.2V-.45H-.45Z",
  },
  dashes: { "-": "", "--": "7 3", "-.": "11 3 2 3", ":": "2 3", "-..": "11 2 2 2 2 2" },
  words: { "o": "circle", "^": "triangle", "s": "square", "D": "diamond", "v": "triangle downward", "P": "plus" },
};

gmm.page = (() => {
  const { colors, gray, markers, lines, paths, dashes, words } = gmm.looks;
  const MAX_STEPS = 10000;
  const TOLERANCE = 1e-6;

  const byId = (id) => document.getElementById(id);
  const stacked = matchMedia("(max-width: 800px)"), narrow = matchMedia("(max-width: 480px)"); // as in style.css
  const prefersStill = matchMedia("(prefers-reduced-motion: reduce)");

  // ---- the data

  function standardized(points) {
    const column = (d) => points.map((point) => point[d]);
    const average = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const centers = [0, 1].map((d) => average(column(d)));
    const deviations = [0, 1].map((d) => Math.sqrt(average(column(d).map((x) => (x - centers[d]) ** 2))));
    return points.map((point) => point.map((x, d) => (x - centers[d]) / deviations[d]));
  }

  const datasets = {
    faithful: { points: gmm.data.faithful, labels: ["eruption (min)", "waiting (min)"], digits: [2, 1], equal: false },
    standardized: { points: standardized(gmm.data.faithful), labels: ["eruption (sd)", "waiting (sd)"], digits: [2, 2], equal: true },
    islands: { points: gmm.data.islands, labels: ["x", "y"], digits: [2, 2], equal: true },
    few: { points: gmm.data.few, labels: ["x", "y"], digits: [2, 2], equal: true },
  };

  // ---- the state: everything that the page knows

  const state = {
    dataset: "faithful", K: 2, constraint: "full", ridge: 0, start: "kmeansPlusPlus", seed: 1,
    points: [],
    mixture: null, // the one that is drawn; null if there is none
    responsibilities: null, // of the last E; null before the first
    fresh: false, // whether they belong to the mixture that is drawn
    trace: [], // log-likelihoods, one for each step
    paths: [], // of the means, one for each component
    hand: null, // the mixture that was placed by hand
    trouble: null, // { component, message }
    converged: false,
    running: false,
    current: 0, // the point that the Tab key reaches
  };

  const constraint = () =>
    gmm.chain(gmm[state.constraint], (mixture) => (state.ridge > 0 ? gmm.ridge(mixture, state.ridge) : mixture));

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

  function begin(mixture, colored) {
    state.trouble = null;
    state.converged = false;
    state.mixture = mixture;
    const { responsibilities, logLikelihood } = gmm.eStep(state.points, mixture);
    state.responsibilities = colored ? responsibilities : null;
    state.fresh = colored;
    state.trace = [logLikelihood];
    state.paths = mixture.means.map((mean) => [mean]);
  }

  function startMixture() {
    const { points, K, start, seed, hand } = state;
    if (points.length < K) throw new RangeError(`there are ${points.length} points for ${K} components: add points, or choose a smaller K.`);
    if (start === "hand" && hand) return hand;
    const draw = gmm[start === "hand" ? "kmeansPlusPlus" : start];
    return gmm.mixtureAround(points, draw(points, K, gmm.generator(seed)));
  }

  function reset() {
    stop();
    state.mixture = state.responsibilities = null;
    state.fresh = state.converged = false;
    state.trace = state.paths = [];
    state.trouble = null;
    const mixture = attempt(() => gmm.shaped(constraint(), startMixture()));
    if (mixture) begin(mixture, false);
  }

  // after a change by hand: the climb begins again from the mixture that is drawn
  function beginAgain() {
    stop();
    if (!state.points.length || !state.mixture) return reset();
    begin(state.mixture, state.responsibilities !== null);
  }

  function chooseDataset(name) {
    state.dataset = name;
    state.points = datasets[name].points.map((point) => [...point]);
    state.current = 0;
    state.hand = null;
    view = viewOf(datasets[name]);
  }

  // ---- the two steps

  function pressE() {
    if (!state.mixture) return;
    state.responsibilities = gmm.eStep(state.points, state.mixture).responsibilities;
    state.fresh = true;
  }

  // whether the mixture moved
  function pressM() {
    if (!state.mixture || !state.fresh) return false;
    const mixture = attempt(() => gmm.shaped(constraint(), gmm.mStep(state.points, state.responsibilities)));
    if (!mixture) return false;
    state.mixture = mixture;
    state.fresh = false;
    state.trouble = null;
    state.trace = [...state.trace, gmm.eStep(state.points, mixture).logLikelihood];
    state.paths = state.paths.map((path, k) => [...path, mixture.means[k]]);
    state.converged = gmm.gainToCome(state.trace) < TOLERANCE;
    return true;
  }

  // M, and then E, so that colors, ellipses and log-likelihood belong together
  function step() {
    pressE();
    const moved = pressM();
    if (moved) pressE();
    return moved;
  }

  // ---- running

  let timer = null;

  function stop() {
    clearTimeout(timer);
    state.running = false;
  }

  function run() {
    if (!state.mixture) return;
    state.running = true;
    tick();
  }

  // later steps are small, so more of them go into one picture; who prefers no motion sees the end only
  function tick() {
    const until = performance.now() + 30;
    const share = 1 + Math.floor(state.trace.length / 15);
    let going = true;
    for (let i = 0; going && (prefersStill.matches ? performance.now() < until : i < share); i++) {
      going = step() && !state.converged && state.trace.length <= MAX_STEPS;
    }
    if (going) {
      timer = setTimeout(tick, prefersStill.matches ? 0 : 140);
      if (!prefersStill.matches) render();
      return;
    }
    stop();
    render();
    if (!state.trouble) say(`${state.converged ? "Converged" : "Stopped, not yet converged,"} after ${steps()}. ${digest()}`, numbersInWords());
  }

  // ---- words

  const number = (x, digits) => (Number(x.toFixed(digits)) + 0).toFixed(digits).replace("-", "−");
  const nats = (x) => number(x, 2);
  const place = (point) => datasets[state.dataset].digits.map((digits, d) => number(point[d], digits)).join(", ");
  const steps = () => `${state.trace.length - 1} ${state.trace.length === 2 ? "step" : "steps"}`;
  const last = (list) => list[list.length - 1];
  const look = (k) => words[markers[k]];

  const digest = () => `Log-likelihood ${nats(last(state.trace))}.`;

  // what the table shows, for those who hear the page
  function numbersInWords() {
    const { weights, means } = state.mixture;
    return weights.map((pi, k) => ` Component ${k}: weight ${number(pi, 3)}, mean ${place(means[k])}.`).join("");
  }

  function explained(n) {
    const gamma = state.responsibilities?.[n];
    if (!gamma) return "not yet colored";
    return gamma.map((share, k) => `component ${k} ${number(100 * share, 1)} %`).join(", ");
  }

  function say(text, heard = "") {
    byId("status").setAttribute("aria-live", state.running ? "off" : "polite");
    const unseen = Object.assign(document.createElement("span"), { className: "unseen", textContent: heard });
    byId("status").replaceChildren(text, unseen);
  }

  function sayTrouble() {
    const box = byId("alert");
    const { trouble } = state;
    const text = trouble && troubleInWords(trouble);
    if (box.dataset.text === (text ?? "")) return;
    box.dataset.text = text ?? "";
    box.replaceChildren();
    box.className = text ? "alert" : "";
    if (!text) return;
    say("Stopped. The reason stands below.");
    box.append(Object.assign(document.createElement("p"), { textContent: text }));
    box.scrollIntoView({ block: "nearest" });
    if (trouble.component === null || state.ridge > 0) return;
    const cure = Object.assign(document.createElement("button"), { type: "button", id: "cure", textContent: "Turn on the ridge and start again" });
    cure.addEventListener("click", () => {
      byId("ridge").value = "0.001";
      state.ridge = 0.001;
      reset();
      render();
      say("The ridge is on, and the mixture is back at its start. Press Run.");
      byId("run").focus();
    });
    box.append(cure);
  }

  function troubleInWords({ component, message }) {
    if (component === null) return `There is no mixture: ${message}`;
    const cure = state.ridge > 0 ? "Raise the ridge" : "Turn on the ridge: it gives each component a floor. Or start elsewhere";
    const why = state.mixture ? "EM stops here, and the picture shows the last sound mixture." : "There is no mixture to begin with.";
    return `Component ${component} (${look(component)}) has collapsed: ${message} ${why} ${cure}, or choose a smaller K.`;
  }

  // ---- drawing

  function svg(name, attributes = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    set(element, attributes);
    element.append(...children);
    return element;
  }

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  const path = (places) => places.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");

  // colorₙ = Σₖ γₙₖ colorₖ
  function color(gamma) {
    const channels = [1, 3, 5].map((at) => gamma.reduce((total, share, k) => total + share * parseInt(colors[k].slice(at, at + 2), 16), 0));
    return `rgb(${channels.map(Math.round).join(" ")})`;
  }

  // μ + r L (cos t, sin t)ᵀ
  function ellipse(mean, factor, radius) {
    return Array.from({ length: 73 }, (_, i) => {
      const [cos, sin] = [Math.cos((2 * Math.PI * i) / 72), Math.sin((2 * Math.PI * i) / 72)];
      return mean.map((mu, d) => mu + radius * (factor[d][0] * cos + factor[d][1] * sin));
    });
  }

  function ticks(low, high, count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const size = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
    const digits = Math.max(0, -Math.floor(Math.log10(size) + 1e-9));
    const places = [];
    for (let i = Math.ceil(low / size); i * size <= high; i++) places.push([i * size, number(i * size, digits)]);
    return places;
  }

  // what the picture shows: the points and a margin, the same while they are dragged
  function viewOf({ points }) {
    return [0, 1].map((d) => {
      const numbers = points.map((point) => point[d]);
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      return [low - 0.12 * (high - low), high + 0.12 * (high - low)];
    });
  }

  let view = null;
  let frame = null; // { left, top, width, height, x: [low, high], y: [low, high] }

  function frameOf(element, [x, y], equal, ratio, left) {
    const outer = Math.max(240, element.clientWidth);
    const box = { left, top: 8, width: outer - left - 8, height: Math.min(460, Math.round(outer * ratio)) - 52 };
    const perPixel = [(x[1] - x[0]) / box.width, (y[1] - y[0]) / box.height];
    const widened = ([low, high], factor) => [(low + high) / 2 - ((high - low) / 2) * factor, (low + high) / 2 + ((high - low) / 2) * factor];
    const largest = Math.max(...perPixel);
    box.x = equal ? widened(x, largest / perPixel[0]) : x;
    box.y = equal ? widened(y, largest / perPixel[1]) : y;
    return box;
  }

  const toPixels = (box, [x, y]) => [
    box.left + (box.width * (x - box.x[0])) / (box.x[1] - box.x[0]),
    box.top + box.height - (box.height * (y - box.y[0])) / (box.y[1] - box.y[0]),
  ];

  const fromPixels = (box, [x, y]) => [
    box.x[0] + ((x - box.left) / box.width) * (box.x[1] - box.x[0]),
    box.y[0] + ((box.top + box.height - y) / box.height) * (box.y[1] - box.y[0]),
  ];

  const inside = (box, point) => [box.x, box.y].map(([low, high], d) => Math.min(high, Math.max(low, point[d])));

  function axes(box, xTicks, yTicks, labels) {
    const bottom = box.top + box.height;
    const drawn = [svg("rect", { class: "frame", x: box.left, y: box.top, width: box.width, height: box.height })];
    for (const [value, text] of xTicks) {
      const [x] = toPixels(box, [value, 0]);
      drawn.push(svg("line", { class: "tick", x1: x, x2: x, y1: bottom, y2: bottom + 5 }));
      drawn.push(svg("text", { x, y: bottom + 18, "text-anchor": "middle" }, text));
    }
    for (const [value, text] of yTicks) {
      const [, y] = toPixels(box, [0, value]);
      drawn.push(svg("line", { class: "tick", x1: box.left - 5, x2: box.left, y1: y, y2: y }));
      drawn.push(svg("text", { x: box.left - 8, y: y + 4, "text-anchor": "end" }, text));
    }
    drawn.push(svg("text", { x: box.left + box.width / 2, y: bottom + 36, "text-anchor": "middle" }, labels[0]));
    drawn.push(svg("text", { x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${box.top + box.height / 2}) rotate(-90)` }, labels[1]));
    return drawn;
  }

  // ---- the plot; points and means stay the same elements while they move, so that they keep the focus

  const layers = Object.fromEntries(["axes", "ellipses", "points", "paths", "means"].map((name) => [name, svg("g")]));
  const clip = svg("rect");
  const plot = svg("svg", { role: "application", "aria-labelledby": "plot-title", "aria-describedby": "keys" },
    svg("clipPath", { id: "inside" }, clip), ...Object.values(layers));
  set(layers.axes, { "aria-hidden": "true" });
  set(layers.points, { role: "group", "aria-label": "points" });
  set(layers.means, { role: "group", "aria-label": "means" });
  for (const name of ["ellipses", "paths"]) set(layers[name], { "class": "behind", "clip-path": "url(#inside)", "aria-hidden": "true" });

  function marks(layer, count, make) {
    while (layer.children.length > count) layer.lastChild.remove();
    while (layer.children.length < count) layer.append(make());
    return [...layer.children];
  }

  const makeMark = (kind, hit, ring) => () =>
    svg("g", { class: `mark ${kind}`, role: "button", "aria-roledescription": `movable ${kind}` },
      svg("circle", { class: "hit", r: hit }), svg("circle", { class: "ring", r: ring }),
      svg("path", { class: "back", "vector-effect": "non-scaling-stroke" }), svg("path", { class: "face", "vector-effect": "non-scaling-stroke" }));

  function drawMark(element, place, marker, size, attributes, label) {
    const [x, y] = toPixels(frame, place);
    set(element, { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`, "aria-label": label });
    set(element.children[2], { d: paths[marker], transform: `scale(${size})` });
    set(element.children[3], { d: paths[marker], transform: `scale(${size})`, ...attributes });
  }

  function drawPlot() {
    const { labels, equal } = datasets[state.dataset];
    frame = frameOf(byId("plot"), view, equal, 0.8, 48);
    set(plot, { width: frame.left + frame.width + 8, height: frame.height + 52 });
    set(clip, { x: frame.left, y: frame.top, width: frame.width, height: frame.height });
    layers.axes.replaceChildren(...axes(frame, ticks(...frame.x, frame.width / 55), ticks(...frame.y, frame.height / 60), labels));
    layers.axes.prepend(svg("rect", { class: "ground", x: frame.left, y: frame.top, width: frame.width, height: frame.height }));

    const means = state.mixture?.means ?? [];
    const factors = state.mixture ? gmm.factors(state.mixture) : [];
    layers.ellipses.replaceChildren(...means.flatMap((mean, k) => [1, 2].flatMap((radius) => {
      const d = path(ellipse(mean, factors[k], radius).map((vertex) => toPixels(frame, vertex)));
      return [svg("path", { class: "halo", d }),
        svg("path", { class: "ellipse", d, stroke: colors[k], "stroke-dasharray": dashes[lines[k]] })];
    })));
    layers.paths.replaceChildren(...state.paths.flatMap((places, k) => {
      const d = path(places.map((mean) => toPixels(frame, mean)));
      return [svg("path", { class: "halo", d }), svg("path", { class: "path", d, stroke: colors[k] })];
    }));

    state.current = Math.max(0, Math.min(state.current, state.points.length - 1));
    const size = state.points.length < 50 ? 5 : 3.6;
    marks(layers.points, state.points.length, makeMark("point", 11, 9)).forEach((element, n) => {
      const gamma = state.responsibilities?.[n];
      const label = `point ${n + 1} of ${state.points.length} at ${place(state.points[n])}`;
      drawMark(element, state.points[n], gamma ? markers[gmm.argmax(gamma)] : "o", size, { fill: gamma ? color(gamma) : gray }, label);
      element.setAttribute("tabindex", n === state.current ? 0 : -1);
    });
    marks(layers.means, means.length, makeMark("mean", 20, 15)).forEach((element, k) => {
      drawMark(element, means[k], markers[k], 6.5, { stroke: colors[k] }, `mean of component ${k}, ${look(k)}, at ${place(means[k])}`);
      element.setAttribute("tabindex", 0);
      element.classList.toggle("collapsed", state.trouble?.component === k);
    });
  }

  // ---- the trace and the numbers

  function drawTrace() {
    const { trace } = state;
    const picture = svg("svg", { role: "img" });
    byId("trace").replaceChildren(picture);
    const [low, high] = trace.length ? [Math.min(...trace), Math.max(...trace)] : [-1, 0];
    const margin = 0.08 * (high - low) || 5;
    const box = frameOf(byId("trace"), [[0, Math.max(5, trace.length - 1)], [low - margin, high + margin]], false, stacked.matches ? 0.4 : 0.62, 68);
    set(picture, { width: box.left + box.width + 8, height: box.height + 52 });
    const whole = ticks(...box.x, Math.min(box.width / 60, box.x[1]));
    picture.append(...axes(box, whole, ticks(...box.y, box.height / 30), ["step", "nats"]));
    const places = trace.map((logLikelihood, t) => toPixels(box, [t, logLikelihood]));
    picture.append(svg("path", { class: "climb", d: path(places) }));
    const dots = places.length > 60 ? places.slice(-1) : places;
    picture.append(...dots.map(([cx, cy]) => svg("circle", { class: "climb-dot", cx, cy, r: 3 })));
    const words = trace.length > 1 ? `It goes from ${nats(trace[0])} to ${nats(last(trace))} in ${steps()}.` : "No step yet.";
    picture.setAttribute("aria-label", `The log-likelihood of each step. ${words}`);
    const gain = trace.length > 1 ? `, step ${trace.length - 1}` : "";
    byId("level").textContent = trace.length ? `${nats(last(trace))} nats${gain}` : "–";
  }

  function drawNumbers() {
    const { labels, digits } = datasets[state.dataset];
    byId("mean-x").textContent = `mean ${labels[0]}`;
    byId("mean-y").textContent = `mean ${labels[1]}`;
    const counts = state.responsibilities?.length ? gmm.count(state.responsibilities) : null;
    const rows = (state.mixture?.weights ?? []).map((pi, k) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row" });
      head.append(svg("svg", { viewBox: "-1.6 -1.6 3.2 3.2", "aria-hidden": "true" }, svg("path", { d: paths[markers[k]], fill: colors[k] })), `${k}`);
      const cells = [number(pi, 4), ...digits.map((places, d) => number(state.mixture.means[k][d], places + 1)), counts ? number(counts[k], 1) : "–"];
      row.append(head, ...cells.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
      return row;
    });
    byId("numbers").replaceChildren(...rows);
  }

  function render() {
    drawPlot();
    drawTrace();
    drawNumbers();
    sayTrouble();
    byId("E").classList.toggle("next", !state.fresh);
    byId("M").classList.toggle("next", state.fresh);
    byId("run").textContent = state.running ? "Stop" : "Run";
    byId("start").value = state.start;
    byId("seed").disabled = state.start === "hand";
  }

  // ---- the buttons

  const actions = {
    E() {
      stop();
      pressE();
      render();
      if (!state.mixture) return;
      const counts = gmm.count(state.responsibilities).map((count, k) => ` Component ${k} explains ${number(count, 1)}.`);
      say("E: the points are colored. Next: M.", counts.join(""));
    },
    M() {
      stop();
      if (!state.fresh) {
        render();
        return say(state.responsibilities ? "The responsibilities are those of the last M, so nothing moves. Press E first." : "No point is colored yet. Press E first.");
      }
      const before = last(state.trace);
      const moved = pressM();
      render();
      if (moved) say(`M, step ${state.trace.length - 1}: ${change(before)} ${digest()} Next: E.`, numbersInWords());
    },
    step() {
      stop();
      const before = last(state.trace);
      const moved = step();
      render();
      if (moved) say(`Step ${state.trace.length - 1}: ${change(before)} ${digest()}`, numbersInWords());
    },
    run() {
      if (state.running) {
        stop();
        render();
        return say(`Stopped after ${steps()}. ${digest()}`, numbersInWords());
      }
      run();
      if (state.running) say("Running.");
      render();
    },
    reset() {
      reset();
      render();
      if (state.mixture) say(`Back at the start. ${digest()}`, numbersInWords());
    },
  };

  function change(before) {
    const gain = last(state.trace) - before;
    if (Math.abs(gain) <= 64 * Number.EPSILON * Math.abs(before)) return "nothing changes.";
    return gain < 0 ? `down by ${(-gain).toPrecision(2)}: the ridge bends the climb.` : `up by ${number(gain, gain < 0.1 ? 6 : 2)}.`;
  }

  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);

  // ---- the controls

  const controls = {
    dataset: (value) => chooseDataset(value),
    K: (value) => {
      state.K = Number(value);
      state.hand = null;
      if (state.start === "hand") state.start = "kmeansPlusPlus";
    },
    constraint: (value) => (state.constraint = value),
    ridge: (value) => (state.ridge = Number(value)),
    start: (value) => {
      state.start = value;
      if (value === "hand") state.hand = state.mixture;
    },
    seed: (value) => (state.seed = Math.min(999999, Math.max(1, Math.floor(Number(value)) || 1))),
  };

  for (const [id, change] of Object.entries(controls)) {
    byId(id).addEventListener("change", (event) => {
      change(event.target.value);
      if (id === "seed") event.target.value = state.seed;
      actions.reset();
    });
  }
  byId("controls").addEventListener("submit", (event) => event.preventDefault());

  byId("restore").addEventListener("click", () => {
    const { hand } = state;
    chooseDataset(state.dataset);
    state.hand = hand;
    actions.reset();
  });

  // ---- changes by hand

  function movePoint(n, place) {
    state.points[n] = inside(frame, place);
    beginAgain();
  }

  function moveMean(k, place) {
    const means = state.mixture.means.map((mean, i) => (i === k ? inside(frame, place) : mean));
    state.start = "hand";
    state.hand = state.mixture = { ...state.mixture, means };
    beginAgain();
  }

  function addPoint(place) {
    state.points.push(inside(frame, place));
    state.current = state.points.length - 1;
    beginAgain();
    render();
    say(`Point ${state.points.length} added at ${datasetPlace(state.current)}.`);
  }

  function removePoint(n) {
    const at = datasetPlace(n);
    state.points.splice(n, 1);
    state.current = Math.min(n, state.points.length - 1);
    beginAgain();
    render();
    say(`The point at ${at} is removed; ${state.points.length} are left.`);
  }

  const datasetPlace = (n) => place(state.points[n]);
  const pointElement = (n) => layers.points.children[n];
  const focusPoint = (n) => pointElement(n)?.focus({ preventScroll: true });
  const tool = () => document.querySelector('[name="tool"]:checked').value;

  byId("add").addEventListener("click", () => {
    addPoint(frame && [(frame.x[0] + frame.x[1]) / 2, (frame.y[0] + frame.y[1]) / 2]);
    focusPoint(state.current);
  });
  for (const radio of document.querySelectorAll('[name="tool"]')) {
    radio.addEventListener("change", () => (document.body.dataset.tool = tool()));
  }

  // ---- the pointer

  let held = null; // { kind, index, offset }

  function pointerPlace(event) {
    const box = plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  const pixelsBetween = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

  function nearest(places, at, reach) {
    const distances = places.map((place) => pixelsBetween(toPixels(frame, place), at));
    const index = distances.indexOf(Math.min(...distances));
    return distances[index] <= reach ? index : -1;
  }

  function grasp(at) {
    const mean = tool() === "move" && state.mixture ? nearest(state.mixture.means, at, 16) : -1;
    if (mean >= 0) return { kind: "mean", index: mean, place: state.mixture.means[mean] };
    const point = nearest(state.points, at, 11);
    return point < 0 ? null : { kind: "point", index: point, place: state.points[point] };
  }

  plot.addEventListener("pointerdown", (event) => {
    if (event.button > 0 || !event.isPrimary) return;
    const at = pointerPlace(event);
    const found = tool() === "add" ? null : grasp(at);
    if (!found) return;
    event.preventDefault();
    if (tool() === "remove") return removePoint(found.index);
    stop();
    const [x, y] = toPixels(frame, found.place);
    held = { ...found, offset: [x - at[0], y - at[1]] };
    if (found.kind === "point") state.current = found.index;
    plot.setPointerCapture(event.pointerId);
    render();
    (found.kind === "mean" ? layers.means.children[found.index] : pointElement(found.index)).focus({ preventScroll: true });
  });

  plot.addEventListener("click", (event) => {
    const mark = event.target.closest(".mark");
    if (mark && !event.detail) return onMark(...kindAndIndex(mark), "Enter"); // pressed by a screen reader
    const place = fromPixels(frame, pointerPlace(event));
    const isInside = inside(frame, place).every((x, d) => x === place[d]);
    if (tool() === "add" && isInside) addPoint(place);
  });

  plot.addEventListener("pointermove", (event) => {
    if (!held) return;
    const at = pointerPlace(event);
    let place = fromPixels(frame, [at[0] + held.offset[0], at[1] + held.offset[1]]);
    if (held.kind === "mean") {
      const others = state.mixture.means.filter((_, k) => k !== held.index);
      const twin = nearest(others, toPixels(frame, place), 6);
      if (twin >= 0) place = others[twin]; // so that two means can be put on the very same spot
      moveMean(held.index, place);
    } else {
      movePoint(held.index, place);
    }
    held.moved = true;
    render();
  });

  function release() {
    if (held?.moved) sayMoved(held.kind, held.index);
    held = null;
  }
  plot.addEventListener("pointerup", release);
  plot.addEventListener("pointercancel", release);

  function sayMoved(kind, index) {
    if (!state.mixture) return;
    const at = kind === "mean" ? `Mean ${index} is at ${place(state.mixture.means[index])}` : `Point ${index + 1} is at ${datasetPlace(index)}`;
    say(`${at}. Log-likelihood ${nats(last(state.trace))}.`);
  }

  // ---- the keyboard

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const SHORTCUTS = { e: actions.E, m: actions.M, s: actions.step, r: actions.run };

  plot.addEventListener("keydown", (event) => {
    const mark = event.target.closest(".mark");
    if (!mark || event.ctrlKey || event.altKey || event.metaKey) return;
    if (onMark(...kindAndIndex(mark), event.key, event.shiftKey)) event.preventDefault();
  });

  const kindAndIndex = (mark) =>
    [mark.classList.contains("mean") ? "mean" : "point", [...mark.parentNode.children].indexOf(mark)];

  // whether the key means something here
  function onMark(kind, index, key, fine) {
    if (key in ARROWS) {
      const size = fine ? 0.004 : 0.02;
      const [right, up] = ARROWS[key];
      const by = [right * size * (frame.x[1] - frame.x[0]), up * size * (frame.y[1] - frame.y[0])];
      const from = kind === "mean" ? state.mixture.means[index] : state.points[index];
      const to = from.map((x, d) => x + by[d]);
      if (kind === "mean") moveMean(index, to);
      else movePoint(index, to);
      render();
      sayMoved(kind, index);
      return true;
    }
    if (key.toLowerCase() in SHORTCUTS) {
      SHORTCUTS[key.toLowerCase()]();
      return true;
    }
    return kind === "point" ? onPoint(index, key) : onMean(index, key);
  }

  function onMean(k, key) {
    if (key !== "Enter" && key !== " ") return false;
    say(`Component ${k}, ${look(k)}: weight ${number(state.mixture.weights[k], 3)}, mean (${place(state.mixture.means[k])}).`);
    return true;
  }

  function onPoint(n, key) {
    const end = state.points.length - 1;
    const goals = { n: Math.min(n + 1, end), p: Math.max(n - 1, 0), Home: 0, End: end };
    if (key in goals) {
      state.current = goals[key];
      drawPlot();
      focusPoint(state.current);
    } else if (key === "a" || key === "Insert") {
      addPoint(state.points[n].map((x, d) => x + 0.03 * (d ? frame.y[1] - frame.y[0] : frame.x[1] - frame.x[0])));
      focusPoint(state.current);
    } else if (key === "Delete" || key === "Backspace") {
      removePoint(n);
      if (state.points.length) focusPoint(state.current);
      else byId("add").focus();
    } else if (key === "Enter" || key === " ") {
      say(`Point ${n + 1} at ${datasetPlace(n)}: ${explained(n)}.`);
    } else {
      return false;
    }
    return true;
  }

  // ---- experiments

  const experiments = {
    twins() {
      arrange("faithful", 2);
      const one = gmm.mStep(state.points, state.points.map(() => [1]));
      const place = [3, 60];
      return { weights: [0.5, 0.5], means: [place, place], covariances: [one.covariances[0], one.covariances[0]] };
    },
    summit() {
      arrange("islands", 3);
      Object.assign(state, { start: "randomPoints", seed: 1 });
      byId("seed").value = 1;
      return null;
    },
    collapse() {
      arrange("few", 3);
      return gmm.mixtureAround(state.points, [[2, 2], [6.5, 6], [8, 1]]);
    },
  };

  function arrange(dataset, K) {
    chooseDataset(dataset);
    Object.assign(state, { K, constraint: "full", ridge: 0, start: "hand" });
    for (const id of ["dataset", "K", "constraint", "ridge"]) byId(id).value = String(state[id]);
  }

  for (const button of document.querySelectorAll("[data-experiment]")) {
    button.addEventListener("click", () => {
      state.hand = experiments[button.dataset.experiment]();
      reset();
      render();
      say(`The experiment is set up. ${digest()} Predict, then press Run.`, numbersInWords());
      byId("run").focus({ preventScroll: true });
      byId("status").scrollIntoView({ behavior: prefersStill.matches ? "auto" : "smooth" });
    });
  }

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
    byId("theme").setAttribute("aria-pressed", theme === "dark");
  }

  const chosen = () => (["light", "dark"].includes(remembered("mode")) ? remembered("mode") : null);
  const currentTheme = () => chosen() ?? (prefersDark.matches ? "dark" : "light");

  byId("theme").addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    remembered("mode", theme);
    remembered("theme", theme);
    useTheme(theme);
  });
  prefersDark.addEventListener("change", () => useTheme(currentTheme()));

  // ---- begin

  // on a phone what is chosen once is folded
  const fold = () => (byId("setup").open = !narrow.matches);

  useTheme(currentTheme());
  fold();
  narrow.addEventListener("change", fold);
  byId("plot").append(plot);
  document.body.dataset.tool = tool();
  for (const [id, change] of Object.entries(controls)) change(byId(id).value);
  reset();
  render();
  say("Gray points are not yet explained by anyone. Press E.");
  new ResizeObserver(() => {
    const width = Math.max(240, byId("plot").clientWidth);
    if (width !== frame.left + frame.width + 8) render();
  }).observe(byId("plot"));

  return { state, datasets, frame: () => frame, toPixels: (place) => toPixels(frame, place) };
})();
