"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");
  const bar = document.getElementById("filters");
  const said = document.getElementById("said");
  const SEVERITIES = ["breaking", "risky", "additive", "info", "environment", "suspect"];
  const GLYPHS = { DRIFT: "!", AUTH: "A", UNREACHABLE: "×", SUSPECT: "?", ADDITIVE: "+", OK: "✓", UNVERIFIED: "–" };
  const LANES_SHOWN = 12;
  const OPENED = 8;
  const LIST_SHOWN = 12;
  const LONG = 600;
  const CHANGES_SHOWN = 5;

  // Everything is written as text: what an API or a test says is never markup.
  const make = (tag, look, ...inside) => {
    const made = document.createElement(tag);
    if (look) made.className = look;
    made.append(...inside.filter((one) => one !== "" && one !== null && one !== undefined));
    return made;
  };
  const count = (number, noun) => number.toLocaleString("en") + " " + noun + (number === 1 ? "" : "s");
  const instant = (when) => when.slice(0, 10) + " " + when.slice(11, 16);
  const severity = (one) => (one.suspect ? "suspect" : one.severity);
  const verdict = (name) => make("b", "verdict " + name.toLowerCase(), name);

  // -- copying -------------------------------------------------------------------------------------------------------

  const copied = (button, text) => {
    button.textContent = text;
    said.textContent = text;
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
  const copying = (text, shown) => {
    const button = make("button", "copy", "Copy");
    button.type = "button";
    button.setAttribute("aria-label", "Copy: " + text);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        copied(button, "Copied");
      } catch {
        getSelection().selectAllChildren(shown); // where a page may not write to the clipboard
        copied(button, "Selected");
      }
    });
    return button;
  };
  const command = (text, what) => {
    const code = make("code", "", text);
    return make("div", "command", make("span", "dim", what), make("div", "line", code, copying(text, code)));
  };

  // -- runs ----------------------------------------------------------------------------------------------------------

  const places = (one) => one.operations[0] + (one.operations.length > 1 ? " and " + (one.operations.length - 1) + " more" : "");
  const names = (api, fingerprints) => {
    const known = new Map(api.timeline.findings.map((one) => [one.fingerprint, one]));
    return fingerprints.map((one) => known.get(one)).filter(Boolean);
  };
  const changes = (title, look, told) => {
    if (!told.length) return null;
    const items = told.slice(0, CHANGES_SHOWN).map((one) => make("li", "", one.sentence, " ", make("small", "dim", places(one))));
    if (told.length > CHANGES_SHOWN) items.push(make("li", "dim", "and " + (told.length - CHANGES_SHOWN) + " more"));
    return make("div", look, make("span", "dim", title), make("ul", "", ...items));
  };
  const brief = (run) => {
    const parts = [run.findings.length ? count(run.findings.length, "finding") : run.answered ? "no finding" : ""];
    if (run.ignored.length) parts.push(run.ignored.length + " ignored");
    if (run.operations) parts.push(run.answered + " of " + count(run.operations, "operation") + " answered");
    return parts.filter(Boolean).join(", ");
  };
  const detail = (api, run) => [
    make("p", "", verdict(run.verdict), " ", make("time", "", instant(run.when) + " UTC"), " ", make("span", "dim", brief(run))),
    run.message && make("p", "", run.message),
    changes("came", "came", names(api, run.came)),
    changes("went", "went", names(api, run.went)),
  ].filter(Boolean);

  const strip = (api, panel) => {
    const { runs } = api.timeline;
    const buttons = runs.map((run, at) => {
      const button = make("button", "run " + run.verdict.toLowerCase(), GLYPHS[run.verdict] || "");
      button.type = "button";
      button.tabIndex = at === runs.length - 1 ? 0 : -1;
      button.setAttribute("aria-label", instant(run.when) + " UTC: " + run.verdict + ", " + brief(run));
      button.title = instant(run.when) + " UTC  " + run.verdict;
      return button;
    });
    const show = (at) => {
      buttons.forEach((button, number) => {
        button.classList.toggle("chosen", number === at);
        button.tabIndex = number === at ? 0 : -1;
      });
      panel.replaceChildren(...detail(api, runs[at]));
    };
    buttons.forEach((button, at) => {
      button.addEventListener("mouseenter", () => show(at));
      button.addEventListener("focus", () => show(at));
      button.addEventListener("keydown", (event) => {
        const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: runs.length - 1 }[event.key];
        if (to === undefined || !buttons[to]) return;
        event.preventDefault();
        buttons[to].focus();
      });
    });
    if (runs.length) show(runs.length - 1);
    return buttons;
  };

  const MARKS = { "+": "there", "-": "away", "?": "unknown" };
  const lane = (api, one) => {
    const here = api.findings.find((found) => found.fingerprint === one.fingerprint);
    const label = here ? make("a", "", one.sentence) : make("span", "", one.sentence);
    if (here) label.href = "#" + here.id;
    const head = make("th", "", make("i", "dot " + (severity(one))), label);
    head.scope = "row";
    head.title = one.sentence + "\n" + severity(one) + ", " + one.words;
    head.append(" ", make("small", "dim", places(one)), make("span", "hidden", ": " + one.words));
    const cells = [...one.marks].map((mark) => {
      const cell = make("td", "", MARKS[mark] ? make("i", MARKS[mark] + " " + (severity(one))) : "");
      cell.setAttribute("aria-hidden", "true");
      return cell;
    });
    const row = make("tr", one.open ? "" : "ended", head, ...cells);
    return row;
  };
  const ticks = (runs) => {
    const row = make("tr", "days", make("td", ""));
    const oneDay = runs[0].when.slice(0, 10) === runs[runs.length - 1].when.slice(0, 10);
    let label = "";
    runs.forEach((run, at) => {
      const day = oneDay ? run.when.slice(6, 16) : run.when.slice(0, 10);
      const last = at === runs.length - 1;
      const due = at === 0 || (at % 5 === 0 && at < runs.length - 3) || (last && at > 2);
      const text = due && day !== label ? day.slice(5) : "";
      if (text) label = day;
      row.append(make("td", "", text && make("span", "", text)));
    });
    row.setAttribute("aria-hidden", "true");
    return row;
  };
  const timeline = (api) => {
    const { runs, total, findings } = api.timeline;
    if (!runs.length) return null;
    const panel = make("div", "panel");
    panel.setAttribute("aria-live", "polite");
    const corner = make("th", "", "runs");
    corner.scope = "row";
    const heads = strip(api, panel).map((button) => make("td", "", button));
    const rank = (one) => [one.open ? 0 : 1, SEVERITIES.indexOf(severity(one))];
    const sorted = [...findings].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
    const lanes = sorted.filter((one) => one.marks.includes("+")).map((one) => lane(api, one));
    const body = make("tbody", "", make("tr", "strip", corner, ...heads), ...lanes.slice(0, LANES_SHOWN));
    const table = make("table", "lanes", make("thead", "", ticks(runs)), body);
    table.setAttribute("aria-label", "Runs of " + api.api + ", the oldest first");
    const scroll = make("div", "scroll", table);
    const days = [...new Set([runs[0], runs[runs.length - 1]].map((run) => run.when.slice(0, 10)))].join(" to ") + " (UTC)";
    const kept = total > runs.length ? "the last " + runs.length + " of " + count(total, "run") : count(total, "run");
    const made = make("div", "timeline", make("h3", "", "Timeline ", make("small", "", kept + ", " + days)), scroll);
    if (lanes.length > LANES_SHOWN) {
      const more = make("button", "more", "Show " + count(lanes.length - LANES_SHOWN, "more finding"));
      more.type = "button";
      more.addEventListener("click", () => {
        body.append(...lanes.slice(LANES_SHOWN));
        more.remove();
      });
      made.append(more);
    }
    made.append(panel, legend(runs, lanes.length > 0));
    return made;
  };
  const legend = (runs, found) => {
    const seen = Object.keys(GLYPHS).filter((name) => runs.some((run) => run.verdict === name));
    const items = seen.map((name) => make("li", "", make("span", "run " + name.toLowerCase(), GLYPHS[name]), " " + name));
    if (!found) return make("ul", "legend", ...items);
    items.push(make("li", "", make("i", "there breaking"), " found"), make("li", "", make("i", "away"), " not found"));
    items.push(make("li", "", make("i", "unknown"), " can’t be told"));
    return make("ul", "legend", ...items);
  };

  // -- findings ------------------------------------------------------------------------------------------------------

  const chips = (one) => {
    const told = [];
    if (one.ignored) told.push(["ignored", "dim"]);
    if (one.past && one.past.new && one.past.before) told.push(["new", "new"]);
    if (one.past && one.past.flapping) told.push(["flapping", "flapping"]);
    const own = new Set(one.readers.filter((reader) => reader[2]).map((reader) => reader[1])).size;
    if (own) told.push(["read in " + count(own, "place"), "reads"]);
    else if (one.used === "unseen") told.push(["no read seen", "dim"]);
    if (one.mocks_total) told.push([count(one.mocks_total, "mock") + " false", "mocks"]);
    return told.map(([text, look]) => make("span", "chip " + look, text));
  };
  const where = (one) => {
    const shown = one.at.slice(0, LIST_SHOWN);
    const rows = shown.map(([operation, place]) =>
      make("tr", "", make("td", "", make("code", "", operation)), make("td", "", make("code", "place", place))));
    if (one.at_total > shown.length) {
      const rest = make("td", "dim", "and " + (one.at_total - shown.length) + " more");
      rest.colSpan = 2;
      rows.push(make("tr", "", rest));
    }
    return make("div", "scroll", make("table", "where", make("tbody", "", ...rows)));
  };
  const side = (title, text) => {
    const told = make("p", "", text || "–");
    if (text.length > LONG) {
      // It scrolls, so keys must reach it.
      told.tabIndex = 0;
      told.setAttribute("role", "region");
      told.setAttribute("aria-label", title);
    }
    return make("div", "side " + title.toLowerCase(), make("h4", "", title), told);
  };
  const sides = (one) => make("div", "sides", side("Before", one.before), side("Now", one.now));
  const list = (title, items, total) => {
    if (!items.length) return null;
    const inside = items.slice(0, LIST_SHOWN).map((one) => make("li", "", ...one));
    const more = total - inside.length;
    if (more > 0) inside.push(make("li", "dim", "and " + more.toLocaleString("en") + " more"));
    return make("div", "list", make("h4", "", title), make("ul", "", ...inside));
  };
  const readers = (one) => {
    const places = new Map();
    for (const [test, at, own] of one.readers) {
      if (!places.has(at)) places.set(at, { own, tests: [] });
      if (test) places.get(at).tests.push(test);
    }
    const items = [...places].map(([at, { own, tests }]) => [
      make("code", own ? "own" : "", at),
      own ? "" : make("span", "dim", " (an installed package)"),
      tests.length ? make("span", "dim", " in " + tests.slice(0, 3).join(", ") + (tests.length > 3 ? " and " + (tests.length - 3) + " more" : "")) : "",
    ]);
    if (items.length) return list("Read by", items, items.length + one.readers_total - one.readers.length);
    const told = { unseen: "No test was seen to read it.", unreceived: "Whether code reads it isn’t known: no test that was watched received an answer of it.", unknown: "Whether code reads it can’t be told: an answer was read in a way that isn’t seen." }[one.used];
    return told ? make("div", "list", make("h4", "", "Read by"), make("p", "dim", told)) : null;
  };
  const next = (one) => {
    const made = make("div", "next", make("h4", "", "Next"));
    if (one.suggestion) made.append(make("p", "", one.suggestion));
    if (one.commands.accept) made.append(command(one.commands.accept, "the API is meant to be so now"));
    if (one.commands.ignore) made.append(command(one.commands.ignore, "known, and not yours to mend"));
    return made.childNodes.length > 1 ? made : null;
  };
  const finding = (one) => {
    const anchor = make("a", "anchor", one.fingerprint || "link");
    anchor.href = "#" + one.id;
    anchor.title = "A link to this finding";
    const head = make("summary", "",
      make("span", "severity " + severity(one), severity(one)), make("h3", "", one.sentence), make("span", "chips", ...chips(one)));
    const body = make("div", "body");
    const made = make("details", "finding " + severity(one) + (one.ignored ? " quiet" : ""), head, body);
    made.id = one.id;
    made.draw = () => {
      if (body.childNodes.length) return;
      body.append(where(one), sides(one));
      if (one.decision) {
        body.append(make("p", "why", make("span", "dim", "Ignored until " + one.decision.until + ": "), one.decision.why));
      }
      if (one.past) body.append(make("p", "past", make("span", "dim", "History: "), one.past.words));
      const lists = [readers(one), list("Mocks that are false now", one.mocks.map((at) => [make("code", "", at)]), one.mocks_total)].filter(Boolean);
      if (lists.length) body.append(make("div", "lists", ...lists));
      body.append(...[next(one)].filter(Boolean), make("p", "dim foot", one.kind + ", " + one.certainty + ", ", anchor));
    };
    made.addEventListener("toggle", () => made.open && made.draw());
    made.finding = one;
    made.text = [one.sentence, one.kind, one.fingerprint, one.before, one.now, ...one.at.flat(), ...one.mocks, ...one.readers.flat()].join("\n").toLowerCase();
    return made;
  };

  // -- an API --------------------------------------------------------------------------------------------------------

  const operations = (api, open) => {
    if (!api.operations.length) return null;
    const rows = api.operations.map(([operation, found, asked, told, seen]) =>
      make("tr", "", make("td", "", verdict(found)), make("td", "", make("code", "", operation)),
        make("td", "dim", asked ? count(asked, "answer") : ""), make("td", "dim", seen && "last seen " + seen),
        make("td", "", told === api.message ? "" : told)));
    const counts = Object.keys(GLYPHS)
      .map((name) => [name, api.operations.filter((one) => one[1] === name).length])
      .filter(([, many]) => many).map(([name, many]) => many + " " + name);
    const table = make("table", "operations", make("tbody", "", ...rows));
    table.setAttribute("aria-label", "Operations of " + api.api);
    const made = make("details", "plain", make("summary", "", make("h3", "", count(api.operations.length, "operation") + ": " + counts.join(", "))), make("div", "scroll", table));
    made.open = open;
    return made;
  };
  const ended = (api) => {
    const here = new Set(api.findings.map((one) => one.fingerprint));
    const gone = api.timeline.findings.filter((one) => !one.open && !here.has(one.fingerprint));
    if (!gone.length) return null;
    const items = gone.map((one) => make("li", "", make("span", "severity " + severity(one), severity(one)), " " + one.sentence, make("span", "dim", " " + one.words)));
    return make("details", "plain", make("summary", "", make("h3", "", count(gone.length, "finding") + " ended")), make("ul", "gone", ...items));
  };
  const unknown = (api) => {
    // What was found before and can't be told now: an outage doesn't end it.
    const here = new Set(api.findings.map((one) => one.fingerprint));
    const open = api.timeline.findings.filter((one) => one.open && !here.has(one.fingerprint));
    if (!open.length) return null;
    const items = open.map((one) => make("li", "", make("span", "severity " + severity(one), severity(one)), " " + one.sentence, make("span", "dim", " " + one.words)));
    const made = make("details", "plain", make("summary", "", make("h3", "", count(open.length, "finding") + " of earlier runs can’t be told now")), make("ul", "gone", ...items));
    made.open = true;
    return made;
  };
  const section = (api, at) => {
    const title = make("h2", "", verdict(api.verdict), " ", make("span", "", api.api), " ", make("small", "", api.base_url));
    const made = make("section", "api", title);
    made.id = "api-" + at;
    if (api.message) {
      const [what, ...rest] = api.message.split("; ");
      made.append(make("div", "message", make("p", "", make("strong", "", what)), rest.length ? make("p", "", rest.join("; ")) : ""));
    }
    const cards = api.findings.map(finding);
    if (!cards.length && !api.message) {
      const calm = api.verdict === "OK" ? "Nothing differs that matters." : "Nothing was found.";
      made.append(make("p", "calm", calm));
    }
    const none = make("p", "none dim", "No finding here fits the filters.");
    none.hidden = true;
    const folded = cards.filter((card) => card.finding.note);
    const notes = folded.length
      ? make("details", "plain notes", make("summary", "", make("h3", "", count(folded.length, "note") + " that ask" + (folded.length === 1 ? "s" : "") + " nothing of anybody")), ...folded)
      : null;
    const found = make("div", "findings", ...cards.filter((card) => !card.finding.note), ...(notes ? [notes] : []), none);
    made.append(...[timeline(api), cards.length ? found : null, unknown(api), operations(api, !cards.length && !api.message), ended(api)].filter(Boolean));
    if (api.remarks.length) made.append(make("ul", "remarks dim", ...api.remarks.map((one) => make("li", "", one))));
    made.cards = cards;
    made.notes = notes;
    made.none = none;
    return made;
  };

  const sections = data.apis.map(section);
  main.append(...sections);
  const cards = sections.flatMap((one) => one.cards);
  cards.slice(0, OPENED).forEach((card) => {
    if (!card.finding.ignored && !card.finding.note) {
      card.draw();
      card.open = true;
    }
  });

  // -- filters -------------------------------------------------------------------------------------------------------

  const FLAGS = {
    new: (one) => one.past && one.past.new && one.past.before,
    flapping: (one) => one.past && one.past.flapping,
    "read by your code": (one) => one.readers.some((reader) => reader[2]),
    "mocks false": (one) => one.mocks_total > 0,
  };
  const search = make("input", "");
  const total = make("p", "dim");
  total.setAttribute("role", "status");
  const toggles = [];
  const toggle = (text, look, many, test, kind) => {
    if (!many) return;
    const button = make("button", "toggle " + look, text + " ", make("small", "", String(many)));
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") === "false"));
      filter();
    });
    toggles.push({ button, test, kind });
  };
  const pressed = (kind) => toggles.filter((one) => one.kind === kind && one.button.getAttribute("aria-pressed") === "true");
  const fits = (card) => {
    const one = card.finding;
    const severities = pressed("severity");
    if (one.ignored && !pressed("ignored").length) return false;
    if (severities.length && !severities.some(({ test }) => test(one))) return false;
    if (!pressed("flag").every(({ test }) => test(one))) return false;
    return search.value.toLowerCase().split(/\s+/).every((word) => card.text.includes(word));
  };
  const narrowed = () => search.value !== "" || toggles.some(({ button }) => button.getAttribute("aria-pressed") === "true");
  const filter = () => {
    let shown = 0;
    for (const one of sections) {
      for (const card of one.cards) {
        card.hidden = !fits(card);
        shown += card.hidden ? 0 : 1;
      }
      one.none.hidden = one.cards.some((card) => !card.hidden);
      if (one.notes) {
        one.notes.hidden = one.cards.every((card) => !card.finding.note || card.hidden);
        if (narrowed()) one.notes.open = true;
      }
    }
    total.textContent = shown === cards.length ? count(cards.length, "finding") : shown + " of " + count(cards.length, "finding");
  };
  const clear = () => {
    search.value = "";
    toggles.forEach(({ button }) => button.setAttribute("aria-pressed", "false"));
  };
  if (cards.length) {
    search.type = "search";
    search.id = "search";
    search.placeholder = "Search findings";
    search.setAttribute("aria-label", "Search findings");
    search.autocomplete = "off";
    search.addEventListener("input", filter);
    const found = cards.map((card) => card.finding);
    for (const name of SEVERITIES) {
      toggle(name, name, found.filter((one) => severity(one) === name).length, (one) => severity(one) === name, "severity");
    }
    for (const [name, test] of Object.entries(FLAGS)) toggle(name, "", found.filter(test).length, test, "flag");
    toggle("ignored", "", found.filter((one) => one.ignored).length, () => true, "ignored");
    bar.append(search, make("div", "toggles", ...toggles.map(({ button }) => button)), total);
    filter();
  } else {
    bar.hidden = true;
  }

  // -- addresses, keys, printing -------------------------------------------------------------------------------------

  // The bar stays above what is scrolled to, however many lines it has.
  const measure = () => {
    const over = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    document.documentElement.style.setProperty("--over", over + "px");
  };
  addEventListener("resize", measure);
  measure();
  const follow = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    document.querySelectorAll(".target").forEach((one) => one.classList.remove("target"));
    const card = cards.find((one) => one.id === name);
    if (!card) return;
    if (card.hidden) {
      clear();
      if (card.finding.ignored) pressedOn("ignored");
      filter();
    }
    const fold = card.closest(".notes");
    if (fold) fold.open = true;
    card.draw();
    card.open = true;
    card.classList.add("target");
    card.scrollIntoView({ block: "start" });
    card.querySelector("summary").focus({ preventScroll: true });
  };
  const pressedOn = (kind) => toggles.filter((one) => one.kind === kind).forEach(({ button }) => button.setAttribute("aria-pressed", "true"));
  addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.tagName === "INPUT" || bar.hidden) return;
    event.preventDefault();
    search.focus();
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")].filter((one) => !one.hidden);
    closed.forEach((one) => {
      if (one.draw) one.draw();
      one.open = true;
    });
  });
  addEventListener("afterprint", () => closed.forEach((one) => (one.open = false)));
  document.querySelectorAll(".timeline .scroll").forEach((one) => (one.scrollLeft = one.scrollWidth));
  follow();
})();
