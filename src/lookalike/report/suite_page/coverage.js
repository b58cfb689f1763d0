draw.coverage = (data) => {
  const whole = make("div");
  for (const api of data) {
    const sum = (measure) => api.operations.reduce((total, one) => total + measure(one), 0);
    const called = sum((one) => (one.calls ? 1 : 0));
    const measures = [
      ["operations called", called, api.operations.length],
      ["statuses met", sum((one) => one.documented - one.unmet.length), sum((one) => one.documented)],
      ["places met", sum((one) => one.met), sum((one) => one.places)],
    ];
    const measured = ([noun, part, whole]) => {
      if (!whole) return "";
      const bar = make("progress", "");
      bar.max = whole;
      bar.value = part;
      bar.setAttribute("aria-label", noun);
      // Rounded down: 100 % is all of them.
      return make("li", "", make("b", "", Math.floor((100 * part) / whole) + " %"), " " + noun + ", " + part.toLocaleString("en") + " of " + whole.toLocaleString("en"), bar);
    };
    const rows = api.operations.map((one) => [
      make("code", "op", one.key),
      one.calls ? one.called.map(([status, times]) => status + " " + times + "x").join(", ") : make("span", "dim", one.mocked ? "mocked, never called" : "never mocked"),
      make("span", one.calls ? "" : "dim", one.unmet.join(", ")),
      one.places
        ? one.missing.length
          ? fold(one.met + " of " + one.places, "", false, make("ul", "places", ...one.missing.map((place) => make("li", "", make("code", "", place)))))
          : one.met + " of " + one.places
        : "",
    ]);
    whole.append(
      make(
        "article", called === api.operations.length ? "good" : "warn",
        make("h3", "", api.name),
        make("ul", "numbers", ...measures.map(measured)),
        rows.length ? table(["Operation", "Answers", "Documented, never met", "Places met"], rows, 100) : make("p", "dim", "Its contract has no operation."),
        api.strangers.length
          ? fold("Called, and not in the contract", "warn", false, table(["Request", "Calls"], api.strangers.map(([request, times]) => [make("code", "op", request), times + "x"]), 25))
          : "",
      ),
    );
  }
  return whole;
};
