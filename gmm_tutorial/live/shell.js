// What stands around every live figure: its title, one sentence on what to try, its buttons, and what it says.

import { html } from "./draw.js";

export function shell(host, { title, hint, name }) {
  const heading = html("p", { class: "title" }, title);
  const says = html("p", { class: "says", role: "status", "aria-live": "polite" });
  const stage = html("div", { class: "stage" }), controls = html("div", { class: "controls" });
  const figure = html("div", { class: `live-figure live-${name}`, role: "group", "aria-label": title },
    heading, html("p", { class: "hint" }, html("b", {}, "Try it. "), hint), controls, stage, says);
  host.replaceChildren(figure);
  const self = { figure, stage, controls, says };

  self.panel = (className = "") => {
    const panel = html("div", { class: `panel ${className}` });
    stage.append(panel);
    return panel;
  };
  self.button = (label, action, attributes = {}) => {
    const button = html("button", { type: "button", ...attributes }, label);
    button.addEventListener("click", action);
    controls.append(button);
    return button;
  };
  self.slider = (label, { min, max, step, value }, action, words = String) => {
    const input = html("input", { type: "range", min, max, step, value });
    const output = html("output", {}, words(value));
    input.addEventListener("input", () => {
      output.textContent = words(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
      action(Number(input.value));
    });
    controls.append(html("label", { class: "slider" }, html("span", {}, label), input, output));
    return { input, set: (now) => ((input.value = now), (output.textContent = words(Number(now)))) };
  };
  self.choice = (label, action, checked = false) => {
    const input = html("input", { type: "checkbox" });
    input.checked = checked;
    input.addEventListener("change", () => action(input.checked));
    controls.append(html("label", { class: "choice" }, input, ` ${label}`));
    return input;
  };
  self.say = (...text) => says.replaceChildren(...text);
  return self;
}
