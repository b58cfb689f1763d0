draw.coverage = (data) => {
  const whole = make("div");
  for (const api of data) {
    const called = api.operations.filter((one) => one.calls).length;
    const rows = api.operations.map((one) => [
      make("code", "", one.key),
      one.calls ? one.called.map(([status, times]) => status + " " + times + "x").join(", ") : make("span", "dim", one.mocked ? "mocked, never called" : "never mocked"),
      one.unmet.join(", "),
      one.places
        ? one.missing.length
          ? fold(one.met + " of " + one.places, "", false, make("ul", "places", ...one.missing.map((place) => make("li", "", make("code", "", place)))))
          : one.met + " of " + one.places
        : "",
    ]);
    whole.append(
      make(
        "article", called === api.operations.length ? "good" : "warn",
        make("h3", "", api.name, " ", make("small", "", called + " of " + count(api.operations.length, "operation") + " called")),
        table(["Operation", "Answers", "Documented, never met", "Places met"], rows, 100),
        api.strangers.length
          ? fold("Called, and not in the contract", "warn", false, table(["Request", "Calls"], api.strangers.map(([request, times]) => [make("code", "", request), times + "x"]), 25))
          : "",
      ),
    );
  }
  return whole;
};
