// The live figures by name. `mount` puts one into an element; on a web page every element with data-figure gets its own.

import * as responsibility from "./figures/responsibility.js";
import { first, full } from "./figures/stepper.js";

export const figures = { first_steps: first, responsibility, stepper: full };

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
