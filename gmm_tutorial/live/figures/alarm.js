// Chapter 10: an alarm for points where the mixture expects hardly any.

import { logDensity, mStep } from "../em.js";
import { data } from "../data.js";
import { fits } from "../fits.js";
import { contour, html, number, picture, pointMarks, svg } from "../draw.js";
import { shell } from "../shell.js";

export const title = "When should an alarm ring?";
export const hint = "Drag the large cross into the gap between the groups. Then use one Gaussian instead of the mixture: does the alarm still ring?";

const points = data.faithful;

// each model, the log-densities of the known eruptions, and the level below which a share of all eruptions falls
const known = (model) => ({ model, values: logDensity(points, model) });
const makers = {
  mixture: () => ({ ...known(fits.faithful), level: (rate) => fits.levels[Math.round(200 * rate) - 1] }),
  one() { // |z|² follows χ² with two degrees of freedom, so the level is exact
    const model = mStep(points, points.map(() => [1])), [top] = logDensity(model.means, model);
    return { ...known(model), level: (rate) => top + Math.log(rate) };
  },
};

export function build(host) {
  const ui = shell(host, { title, hint, name: "alarm" });
  const state = { star: [3, 66], rate: 5, model: "mixture" };
  const plot = picture(ui.panel(), { name: "Old Faithful, and a new eruption to drag", x: [1, 5.7], y: [35, 105], labels: ["eruption (minutes)", "wait (minutes)"], redraw: draw, ratio: 0.62, most: 480, room: 3.4 });
  const dots = plot.group("points", { kind: "point", layer: "points", reach: 0 });
  const star = plot.group("the new eruption", { kind: "handle", reach: 26, direct: true, drag: (_, place) => ((state.star = place), draw()) });
  ui.slider("false alarms, of 100 ordinary eruptions", { min: 0.5, max: 30, step: 0.5, value: 5 }, (rate) => ((state.rate = rate), draw()), (rate) => number(rate, 1));
  ui.choice("one Gaussian instead of the mixture", (on) => ((state.model = on ? "one" : "mixture"), draw()));

  const made = {}, chosen = () => (made[state.model] ??= makers[state.model]());
  const threshold = () => chosen().level(state.rate / 100);

  // the border of the alarm changes with the level and the room there is, but not with the cross
  let border = {};
  function borderAt(model, level) {
    const key = [state.model, level, ...Object.values(plot.frame).flat()].join();
    if (border.key !== key) border = { key, d: contour(plot, (places) => logDensity(places, model), level) };
    return border.d;
  }

  function draw() {
    plot.fit();
    const { model, values } = chosen(), level = threshold(), [value] = logDensity([state.star], model);
    const ringed = values.filter((one) => one < level).length, rings = value < level;
    dots(pointMarks(points, null, 3.6, () => null).map((mark, n) => ({ ...mark, extra: values[n] < level ? "odd" : "" })));
    plot.draw("curves", svg("path", { class: "curve total", d: borderAt(model, level) }));
    star([{ place: state.star, marker: "P", size: 12, fill: rings ? "var(--warn)" : "var(--link)", label: `the new eruption, ${number(state.star[0], 1)} minutes, wait ${number(state.star[1], 0)} minutes: ${rings ? "alarm" : "no alarm"}` }]);
    const [x, y] = plot.toPixels(state.star);
    plot.draw("lines", svg("text", { class: "name", x, y: y - plot.frame.font * 1.4, "text-anchor": "middle" }, rings ? "alarm" : "ordinary"));
    ui.say(html("span", { class: "line" }, html("b", {}, rings ? "The alarm rings. " : "No alarm. "), `Log-density at the cross ${number(value, 2)}; the alarm rings below ${number(level, 2)}.`),
      html("span", { class: "line soft" }, `It also rings for ${ringed} of the ${points.length} known eruptions, which are ringed.`));
  }

  draw();
  return { state, plot, draw, threshold };
}
