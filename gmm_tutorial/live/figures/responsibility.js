// Chapter 03: a point on a line, and how the two components divide it between them.

import { eStep, logGaussian } from "../em.js";
import { colors, curve, dash, html, icon, number, picture, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "Whose point is it?";
export const hint = "Drag the black point along the line and watch the two bars. At which places are the components equally responsible?";

const mixture = { weights: [0.25, 0.75], means: [[0], [4]], covariances: [[[1]], [[9]]] };
const joint = (x, k) => mixture.weights[k] * Math.exp(logGaussian([[x]], mixture.means[k], mixture.covariances[k])[0]);

export function build(host) {
  const ui = shell(host, { title, hint, name: "responsibility" });
  const state = { x: 2 };
  const left = ui.panel("wide"), right = ui.panel("narrow");
  const tall = () => (ui.stage.clientWidth < 560 ? 250 : 380);
  const plot = picture(left, { name: "The mixture, and a point to drag", x: [-7, 14], y: [0, 0.145], labels: ["x", "density"], tall, redraw: draw, room: 4.6 });
  const bars = picture(right, {
    name: "The weighted densities at the point, and their shares", x: [0, 2], y: [0, 1.04], labels: [" ", ""], bare: true, role: "img",
    tall: () => (ui.stage.clientWidth < 560 ? 190 : 380), redraw: draw, xTicks: [[0.5, "weighted density"], [1.5, "responsibility"]], font: () => plot.frame?.font ?? 14,
  });
  const point = plot.group("point", { kind: "handle", reach: 24, direct: true, drag: (i, place) => move(place[0]) });
  const slider = ui.slider("the point x", { min: -7, max: 14, step: 0.1, value: state.x }, (x) => move(x), (x) => number(x, 1));

  function move(x) {
    state.x = Math.min(14, Math.max(-7, x));
    slider.set(state.x);
    draw();
  }

  function draw() {
    plot.fit();
    bars.fit();
    const joints = [0, 1].map((k) => joint(state.x, k)), total = joints[0] + joints[1];
    const gamma = eStep([[state.x]], mixture).responsibilities[0];
    plot.draw("curves",
      svg("path", { class: "curve total", d: curve(plot, (x) => joint(x, 0) + joint(x, 1)) }),
      [0, 1].map((k) => svg("path", { class: "curve", d: curve(plot, (x) => joint(x, k)), stroke: colors[k], "stroke-dasharray": dash(k) })));
    let height = 0;
    plot.draw("lines", joints.map((part, k) => {
      const d = plot.path([[state.x, height], [state.x, (height += part)]]);
      return svg("path", { class: "stem", d, stroke: colors[k] });
    }));
    point([{ place: [state.x, 0], size: 9, fill: "var(--ink)", label: `the point, at x = ${number(state.x, 1)}` }]);
    bars.draw("points", bar(0, joints.map((part) => part / 0.145)), bar(1, gamma));
    bars.element.setAttribute("aria-label", `Weighted densities ${joints.map((part) => number(part, 4)).join(" and ")}; responsibilities ${gamma.map((share) => number(share, 3)).join(" and ")}`);
    const [a, b] = joints.map((part) => number(part, 4));
    ui.say(...gamma.flatMap((share, k) => [html("span", { class: "line" }, icon(k), `component ${k}: `, html("b", {}, number(share, 3)),
      ` = ${[a, b][k]} / (${a} + ${b})`)]), html("span", { class: "line soft" },
      `Each weighted density is weight × density: ${joints.map((part, k) => `${mixture.weights[k]} × ${number(part / mixture.weights[k], 4)}`).join(" and ")}. They add up to ${number(total, 4)}.`));
  }

  // two parts on top of each other, with their names inside if there is room
  function bar(index, parts) {
    let low = 0;
    return parts.flatMap((part, k) => {
      const [x0, y0] = bars.toPixels([index + 0.18, low]), [x1, y1] = bars.toPixels([index + 0.82, low += part]);
      const box = svg("rect", { x: x0, y: y1, width: x1 - x0, height: Math.max(0, y0 - y1), fill: colors[k], class: "bar" });
      const font = bars.frame.font;
      return y0 - y1 > 1.4 * font && index ? [box, svg("text", { class: "on", x: (x0 + x1) / 2, y: (y0 + y1) / 2 + font * 0.35, "text-anchor": "middle" }, number(part, 2))] : [box];
    });
  }

  draw();
  return { state, plot, draw };
}
