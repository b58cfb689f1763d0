"use strict";
const draw = {};
// Everything is written as text: what a test, a mock or a contract says is never markup.
const make = (tag, look, ...inside) => {
  const made = document.createElement(tag);
  if (look) made.className = look;
  made.append(...inside.filter((one) => one !== "" && one !== null && one !== undefined));
  return made;
};
const count = (number, noun, many) => number.toLocaleString("en") + " " + (number === 1 ? noun : many || noun + "s");
// A table of rows, and those beyond the first behind a button.
const table = (heads, rows, shown) => {
  const body = make("tbody");
  const made = make("table", "", make("thead", "", make("tr", "", ...heads.map((one) => make("th", "", one)))), body);
  const labelled = (cell, at) => {
    const made = make("td", "", ...[cell].flat());
    made.dataset.label = heads[at]; // what a narrow page shows before it
    return made;
  };
  const add = (some) => body.append(...some.map((row) => make("tr", "", ...row.map(labelled))));
  add(rows.slice(0, shown));
  if (rows.length <= shown) return make("div", "scroll", made);
  const more = make("button", "more", "Show " + count(rows.length - shown, "more row"));
  more.type = "button";
  more.addEventListener("click", () => {
    add(rows.slice(shown));
    more.remove();
  });
  return make("div", "scroll", made, more);
};
const fold = (title, look, open, ...inside) => {
  const made = make("details", look, make("summary", "", title), ...inside);
  made.open = open;
  return made;
};
const start = () => {
  const main = document.getElementById("main");
  for (const one of JSON.parse(document.getElementById("data").textContent)) {
    const section = make("section", "", make("h2", "", one.title, " ", make("small", "", one.told)), draw[one.name](one.data));
    section.id = one.name;
    main.append(section);
  }
};
