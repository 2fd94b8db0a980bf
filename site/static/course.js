// A formula wider than its place is drawn a little smaller. If that is not enough it scrolls, by keyboard too.

const SMALLEST = 0.7;

function mend() {
  for (const formula of document.querySelectorAll("mjx-container")) {
    const inLine = formula.parentElement.tagName === "SPAN";
    const box = inLine ? formula.parentElement : formula;
    formula.style.fontSize = "";
    box.classList.remove("wide");
    box.removeAttribute("tabindex");
    const room = box.parentElement.clientWidth;
    const scale = room / widthOf(formula);
    if (scale >= 1) continue;
    formula.style.fontSize = `${100 * Math.max(scale, SMALLEST) - 1}%`;
    if (widthOf(formula) <= room) continue;
    box.classList.add("wide");
    box.tabIndex = 0;
  }
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
});
window.addEventListener("resize", mend);
