// A formula wider than its place is drawn a little smaller, then on several lines. If that is not enough it scrolls,
// by keyboard too. Only what comes near the screen is measured: the rest of a long page has not even been laid out.

const SMALLEST = 0.7;
const SMALLEST_ON_ONE_LINE = 0.85;
const FORMULAS = "mjx-container, span.math > .katex, div.math .katex";
const SCROLLS = ".cell_output > img.wide, pre, .cell_output > .output, .pst-scrollable-table-container";

function mend(formulas) {
  const all = formulas.map(formula => ({formula, box: formula.closest(".math")}));
  for (const {formula, box} of all) {
    formula.style.fontSize = "";
    box.classList.remove("wide", "lines", "close");
    box.removeAttribute("tabindex");
  }
  for (const each of all) Object.assign(each, measured(each.formula, roomFor(each.box)));
  const tight = all.filter(({room, width}) => room && width > room);
  for (const {formula, box, room, width, piece} of tight) {
    const broken = piece && room / width < SMALLEST_ON_ONE_LINE;
    if (broken && box.matches("div")) box.classList.add("lines");
    const scale = Math.min(1, room / (broken ? piece : width));
    if (scale < 1) formula.style.fontSize = `${100 * Math.max(scale, SMALLEST) - 1}%`;
  }
  for (const {box, room, middle} of all) box.classList.toggle("close", room < middle); // else it would touch its number
  for (const {formula, box, room} of tight) {
    const {width, piece} = measured(formula, room);
    if ((box.matches("div:not(.lines)") || !piece ? width : piece) <= room + 1) continue;
    box.classList.add("wide");
    box.tabIndex = 0;
  }
}

const near = new IntersectionObserver(entries => {
  const seen = entries.filter(entry => entry.isIntersecting).map(entry => entry.target);
  for (const each of seen) near.unobserve(each);
  mend(seen.filter(each => each.matches(FORMULAS)));
  reach(seen.filter(each => each.matches(SCROLLS)));
}, {rootMargin: "100% 0px"});

// what is in a closed fold comes near the screen when the fold opens
function mendWhenNear() {
  for (const each of document.querySelectorAll(`${FORMULAS}, ${SCROLLS}`)) {
    near.unobserve(each);
    near.observe(each);
  }
}

// how wide a formula is on one line, and its widest piece that no line can break
function measured(formula, room) {
  const svg = formula.querySelector("svg");
  if (!formula.matches(".katex")) return {room, width: svg.getBoundingClientRect().width, piece: 0};
  const pieces = [...formula.querySelectorAll(".katex-html > .katex-base")].map(base => base.getBoundingClientRect().width);
  const number = formula.querySelector(".katex-html > .katex-tag")?.getBoundingClientRect().width ?? 0;
  const inline = formula.closest("span.math");
  const beside = number && number + 12;
  const widest = Math.max(0, ...pieces) + beside;
  const line = pieces.reduce((sum, width) => sum + width, 0);
  return {room, width: inline ? widest : line + beside, piece: widest, middle: inline ? 0 : line + 2 * beside};
}

// what scrolls in its place does so by keyboard, too
function reach(all) {
  const boxes = all.map(each => (each.matches("img") ? each.parentElement : each));
  const scroll = boxes.map(box => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight);
  boxes.forEach((box, at) => (scroll[at] ? box.setAttribute("tabindex", 0) : box.removeAttribute("tabindex")));
}

// of the nearest block around it: an inline element such as <strong> has no width of its own
function roomFor(box) {
  let block = box.parentElement;
  while (!block.clientWidth && block.parentElement) block = block.parentElement;
  return block.clientWidth;
}

for (const summary of document.querySelectorAll(".bd-sidebar-primary summary:not([aria-label])")) {
  summary.setAttribute("aria-label", "Show or hide its pages");
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  mendWhenNear();
});
window.addEventListener("resize", mendWhenNear);

// a guess stays in this browser
for (const guess of document.querySelectorAll(".guess textarea")) {
  const name = `${location.pathname}#${guess.id}`;
  guess.value = stored(name) ?? "";
  guess.addEventListener("input", () => store(name, guess.value));
  guess.closest(".guess").hidden = false;
}

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that stores nothing
  }
}

function store(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // then the guess lives as long as the page
  }
}

window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
  mend([...document.querySelectorAll(FORMULAS)]);
});

// code to copy
for (const code of document.querySelectorAll("div.highlight:not(.cell_output *)")) {
  const button = Object.assign(document.createElement("button"), {type: "button", className: "copy", textContent: "Copy"});
  button.addEventListener("click", async () => {
    await copied(typed(code.querySelector("pre").textContent));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  code.append(button);
}

// of an example what one types, without prompts and answers
function typed(text) {
  if (!text.startsWith(">>> ")) return text.trimEnd();
  return text.split("\n").filter(line => /^(>>>|\.\.\.) /.test(line)).map(line => line.slice(4)).join("\n");
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = Object.assign(document.createElement("textarea"), {value: text});
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

// what the search shows of a page is its text, without the words of the theme
if (typeof Search !== "undefined") {
  Search.htmlToText = html => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const text = page.querySelector("article.bd-article") ?? page.querySelector("[role=main]") ?? page.body;
    for (const other of text.querySelectorAll(".headerlink, .beside, .guess, .katex-html, script, style")) other.remove();
    return text.textContent;
  };
}
