// Chapter 10: what to expect of the wait, once the length of the eruption is known.

import { bayes, conditionalMean, logGaussian, logJoint, marginal } from "../em.js";
import { data } from "../data.js";
import { fits } from "../fits.js";
import { clamp, colors, curve, html, icon, number, picture, pointMarks, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "The wait, given the eruption";
export const hint = "Drag the line from left to right. The curve beside it is the density of the wait for that eruption: where is it broadest, and why there?";

const points = data.faithful, mixture = fits.faithful;
const slope = ([[a, b]]) => b / a;

// of each component: its share at x, and the mean and variance of y there
function given(x) {
  const [shares] = bayes(logJoint([[x]], marginal(mixture, [0]))).responsibilities;
  return shares.map((share, k) => {
    const [muX, muY] = mixture.means[k], sigma = mixture.covariances[k];
    return { share, mean: muY + slope(sigma) * (x - muX), variance: sigma[1][1] - slope(sigma) * sigma[0][1] };
  });
}

export function build(host) {
  const ui = shell(host, { title, hint, name: "conditional_mean" });
  const state = { x: 2.85 };
  const plot = picture(ui.panel(), { name: "Old Faithful, and a line to drag", x: [1, 5.9], y: [38, 102], labels: ["eruption (minutes)", "wait (minutes)"], redraw: draw, ratio: 0.62, most: 480, room: 3.4 });
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 });
  const handle = plot.group("the line", { kind: "handle", reach: 30, direct: true, drag: (_, place) => move(place[0]) });
  const slider = ui.slider("eruption", { min: 1.2, max: 5.4, step: 0.05, value: state.x }, (x) => move(x), (x) => `${number(x, 2)} minutes`);

  function move(x) {
    state.x = clamp(x, 1.2, 5.4);
    slider.set(state.x);
    draw();
  }

  function draw() {
    plot.fit();
    const { x } = state, parts = given(x), [expected] = conditionalMean([[x]], mixture);
    const density = (y) => parts.map(({ share, mean, variance }) => share * Math.exp(logGaussian([[y]], [mean], [[variance]])[0]));
    const ys = Array.from({ length: 161 }, (_, i) => 38 + (i / 160) * 64), values = ys.map(density), scale = 6.5;
    const sideways = (of) => plot.path(ys.map((y, i) => [x + scale * of(values[i]), y]));
    dots(pointMarks(points, bayes(logJoint(points, mixture)).responsibilities, 3.4, () => null));
    plot.draw("back", svg("path", { class: "curve mean-curve", d: curve(plot, (at) => conditionalMean([[at]], mixture)[0], 160) }));
    plot.draw("curves", svg("path", { class: "guide", d: plot.path([[x, 38], [x, 102]]) }), parts.map((_, k) => svg("path", { class: "curve", stroke: colors[k], d: sideways((value) => value[k]) })),
      svg("path", { class: "curve total", d: sideways((value) => value[0] + value[1]) }));
    const [px, py] = plot.toPixels([x, expected]), { font } = plot.frame, right = x < 4.6;
    plot.draw("lines", svg("circle", { class: "here", cx: px, cy: py, r: 7 }), svg("text", { class: "name", x: px + (right ? -12 : -12), y: py - font * 0.7, "text-anchor": "end" }, `expect ${number(expected, 1)}`));
    handle([{ place: [x, 38], size: 10, fill: "var(--ink)", label: `the line, at an eruption of ${number(x, 2)} minutes: expect a wait of ${number(expected, 1)} minutes` }]);
    ui.say(html("span", { class: "line" }, `After an eruption of ${number(x, 2)} minutes, expect a wait of `, html("b", {}, `${number(expected, 1)} minutes`), "."),
      ...parts.map(({ share, mean }, k) => html("span", { class: "line soft" }, icon(k), `with probability ${number(share, 3)} the ${k ? "long" : "short"} kind, whose mean is ${number(mean, 1)} minutes here`)));
  }

  draw();
  return { state, plot, draw };
}
