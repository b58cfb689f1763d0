"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const search = document.getElementById("search");
  const only = document.getElementById("disagreeing");
  const links = [...document.querySelectorAll("nav a")];
  const MOST_OPENED = 2000;
  const MOST_SOURCES = 8;

  // Everything is written as text: what a contract says is never markup.
  const make = (tag, look, ...inside) => {
    const made = document.createElement(tag);
    if (look) made.className = look;
    made.append(...inside.filter((one) => one !== ""));
    return made;
  };

  const bar = (present, of) => {
    const fill = make("i");
    fill.style.width = (of ? (100 * present) / of : 0) + "%";
    const made = make("span", "bar", fill);
    made.title = present + " of " + of;
    return made;
  };

  const row = (tag, name, at, presence, present, of) => {
    const [kind, evidence, grade, examples, description, place, sources] = data.nodes[at];
    const made = make(tag, tag === "div" ? "leaf" : "", name && make("span", "name", name), make("span", "kind", kind));
    if (presence) made.append(make("span", presence, presence));
    if (of !== undefined) {
      made.append(bar(present, of), make("span", "dim", present.toLocaleString("en") + " of " + of.toLocaleString("en")));
    } else if (evidence) {
      made.append(make("span", "dim", evidence));
    }
    if (grade) made.append(make("span", grade, grade));
    if (examples) made.append(make("span", "dim", "e.g. " + examples));
    if (description) made.append(make("span", "more", description));
    made.title = place;
    if (sources.length) {
      const told = sources.map(([source, count]) => data.sources[source] + ": " + count.toLocaleString("en"));
      if (told.length > MOST_SOURCES) told.splice(MOST_SOURCES, told.length, "and " + (told.length - MOST_SOURCES) + " more");
      made.append(make("span", "more sources", "seen in " + told.join("; ")));
    }
    return made;
  };

  const tree = (name, at, presence, present, of) => {
    const children = data.nodes[at][7];
    if (!children.length) return row("div", name, at, presence, present, of);
    const inside = make("div");
    const made = make("details", "", row("summary", name, at, presence, present, of), inside);
    made.addEventListener("toggle", () => made.open && made.draw());
    made.draw = () => {
      if (!inside.childNodes.length) inside.append(...children.map((child) => tree(...child)));
    };
    return made;
  };

  const open = (made) => {
    made.draw();
    made.open = true;
  };

  const openAll = (root) => {
    const todo = [...root.querySelectorAll("details")];
    for (let number = 0; todo.length && number < MOST_OPENED; number += 1) {
      const one = todo.shift();
      open(one);
      todo.push(...one.lastChild.querySelectorAll(":scope > details"));
    }
  };

  const table = (head, rows) => {
    const line = (tag, cells) => make("tr", "", ...cells.map((cell) => make(tag, "", cell)));
    return make("div", "scroll", make("table", "", line("th", head), ...rows.map((cells) => line("td", cells))));
  };

  const body = ([title, text, at], headers) => {
    const made = make("section", "", make("h3", "", title));
    if (at === null) {
      made.append(make("p", "dim", text));
    } else {
      const root = tree("", at, "");
      if (root.draw) open(root);
      const all = make("button", "", "open all");
      all.addEventListener("click", () => openAll(made));
      if (root.draw) made.append(all);
      if (data.sources.length) {
        const from = make("button", "", "where it was seen");
        from.setAttribute("aria-pressed", "false");
        from.addEventListener("click", () => from.setAttribute("aria-pressed", String(made.classList.toggle("told"))));
        made.append(" ", from);
      }
      made.append(root);
    }
    if (headers) made.append(table(["header", ""], headers));
    return made;
  };

  const show = (at) => {
    const one = data.operations[at];
    const told = [one.summary, one.seen].filter(Boolean).join("  ·  ");
    main.replaceChildren(make("h2", "", make("code", "", one.key)), make("p", "dim", told));
    if (one.disagreements.length) {
      const items = one.disagreements.map(([, text]) => make("li", "", text));
      main.append(make("section", "odds", make("h3", "", "Document and traffic disagree"), make("ul", "", ...items)));
    }
    if (one.parameters.length) {
      main.append(make("h3", "", "Parameters"), table(["in", "name", "type", ""], one.parameters));
    }
    const told_of = new Set();
    for (const entry of one.bodies) {
      const status = entry[0].split(" ")[0];
      main.append(body(entry, told_of.has(status) ? null : one.headers[status]));
      told_of.add(status);
    }
    main.scrollTop = 0;
  };

  const follow = () => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const at = data.operations.findIndex((one) => one.key === wanted);
    for (const link of links) link.removeAttribute("aria-current");
    if (at < 0) return;
    links[at].setAttribute("aria-current", "true");
    show(at);
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    links.forEach((link, at) => {
      const text = link.textContent.toLowerCase();
      const fits = words.every((word) => text.includes(word)) && (!only.checked || data.operations[at].disagreements.length);
      link.parentNode.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.getElementById("count").textContent = shown.toLocaleString("en") + " of " + links.length.toLocaleString("en");
  };

  search.addEventListener("input", filter);
  only.addEventListener("change", filter);
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  follow();
  if (!location.hash && links.length) {
    links[0].setAttribute("aria-current", "true");
    show(0);
  }
})();
