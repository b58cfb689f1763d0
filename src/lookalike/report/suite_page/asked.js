draw.asked = (data) => {
  const whole = make("div");
  const tests = (names) =>
    names.length > 3
      ? fold(count(names.length, "test"), "tests", false, make("ul", "places", ...names.map((one) => make("li", "", make("code", "", one)))))
      : make("ul", "places", ...(names.length ? names : ["outside of a test"]).map((one) => make("li", "", make("code", "", one))));
  if (data.differences.length) {
    whole.append(
      make(
        "article", "bad",
        make("h3", "", "The real APIs differ from " + data.against),
        table(["API", "What differs", "Tests"], data.differences.map(([api, what, names]) => [api, make("span", "got", what), tests(names)]), 50),
        data.total > data.differences.length ? make("p", "dim", "and " + (data.total - data.differences.length).toLocaleString("en") + " more") : "",
      ),
    );
  } else {
    whole.append(make("article", "good", make("p", "", "Where the real APIs were asked, nothing differs from " + data.against + ".")));
  }
  for (const [title, lines, total] of data.lists) {
    whole.append(
      fold(
        make("span", "", title[0].toUpperCase() + title.slice(1) + " ", make("b", "count", total.toLocaleString("en"))), "", title === "not compared",
        make("ul", "places", ...lines.map((one) => make("li", "", one))),
        total > lines.length ? make("p", "dim", "and " + (total - lines.length).toLocaleString("en") + " more") : "",
      ),
    );
  }
  return whole;
};
