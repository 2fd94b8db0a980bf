// A formula wider than its place is drawn a little smaller. If that is not enough it scrolls, by keyboard too.

const SMALLEST = 0.7;

function mend() {
  for (const formula of document.querySelectorAll("mjx-container")) {
    const box = formula.parentElement; // div.math or span.math
    formula.style.fontSize = "";
    box.classList.remove("wide");
    box.removeAttribute("tabindex");
    const room = roomFor(box);
    const scale = room / widthOf(formula);
    if (scale >= 1) continue;
    formula.style.fontSize = `${100 * Math.max(scale, SMALLEST) - 1}%`;
    if (widthOf(formula) <= room) continue;
    box.classList.add("wide");
    box.tabIndex = 0;
  }
}

// a picture that scrolls in its place does so by keyboard, too
function reach() {
  for (const picture of document.querySelectorAll(".cell_output > img.wide")) {
    const box = picture.parentElement;
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

// of the nearest block around it: an inline element such as <strong> has no width of its own
function roomFor(box) {
  let block = box.parentElement;
  while (!block.clientWidth && block.parentElement) block = block.parentElement;
  return block.clientWidth;
}

function widthOf(formula) {
  return formula.querySelector("svg").getBoundingClientRect().width;
}

for (const summary of document.querySelectorAll(".bd-sidebar-primary summary:not([aria-label])")) {
  summary.setAttribute("aria-label", "Show or hide its pages");
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  mend();
  reach();
});
window.addEventListener("resize", () => {
  mend();
  reach();
});
