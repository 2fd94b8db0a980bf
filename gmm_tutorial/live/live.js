// The live figures by name. `mount` puts one into an element; on a web page every element with data-figure gets its own.

import * as alarm from "./figures/alarm.js";
import * as collapse from "./figures/collapse.js";
import * as conditional_mean from "./figures/conditional_mean.js";
import * as ellipse from "./figures/ellipse.js";
import * as how_many from "./figures/how_many.js";
import * as kmeans from "./figures/kmeans.js";
import * as lower_bound from "./figures/lower_bound.js";
import * as missing from "./figures/missing.js";
import * as responsibility from "./figures/responsibility.js";
import * as starts from "./figures/starts.js";
import * as weighted_mean from "./figures/weighted_mean.js";
import { first, full } from "./figures/stepper.js";

// in the order of the chapters
export const figures = {
  first_steps: first, kmeans, ellipse, responsibility, weighted_mean, starts, stepper: full, lower_bound, collapse, how_many, alarm, conditional_mean,
  missing,
};

export function mount(element, name) {
  if (!(name in figures)) throw new RangeError(`there is no live figure "${name}": choose one of ${Object.keys(figures).join(", ")}.`);
  element.classList.add("gmm-live");
  return figures[name].build(element);
}

// every <div class="gmm-live" data-figure="…"> of the page; each is built when it comes near the screen
export function mountAll(root = document) {
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || target.live) continue;
      near.unobserve(target);
      target.live = mount(target, target.dataset.figure);
    }
  }, { rootMargin: "400px" });
  for (const element of root.querySelectorAll(".gmm-live[data-figure]")) near.observe(element);
}

// for anywidget
export const widget = {
  render({ model, el }) {
    const element = document.createElement("div");
    el.append(element);
    mount(element, model.get("name"));
  },
};
