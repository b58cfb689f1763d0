draw.audit = (data) => {
  const SHOWN = 25;
  const whole = make("div");

  const declared = (one) => {
    const places = one.places.map(([place, library]) => make("li", "", make("code", "", place || "unknown line"), " ", make("small", "", library)));
    const tests = one.tests.map((test) => make("li", "", make("code", "", test || "outside of a test")));
    if (one.many > one.tests.length) tests.push(make("li", "dim", "and " + count(one.many - one.tests.length, "more test")));
    return [
      make("ul", "places", ...places.slice(0, 3)),
      places.length > 3 ? fold("and " + count(places.length - 3, "more line"), "", false, make("ul", "places", ...places.slice(3))) : "",
      one.mocks > places.length ? make("small", "", "these are " + count(one.mocks, "mock")) : "",
      fold("received by " + count(one.many, "test"), "tests", false, make("ul", "places", ...tests)),
    ];
  };
  const contradiction = (one) => [
    make("code", "where", one.where),
    make("div", "", make("span", "dim", "expected "), one.expected),
    make("div", "got", make("span", "dim", "in the mock: "), one.got),
    one.evidence ? make("div", "dim small", one.evidence) : "",
    one.hint ? make("div", "small", one.hint) : "",
  ];
  const name = (operation) => make("code", "op", operation);
  const operations = (one) => [
    name(one.operations[0]),
    one.operations.length > 1
      ? fold("and " + count(one.operations.length - 1, "more operation"), "", false, make("ul", "places", ...one.operations.slice(1).map((more) => make("li", "", name(more)))))
      : "",
  ];
  const stranger = (one) => [make("span", "", "no such operation"), one.hint ? make("div", "small", one.hint) : ""];
  const findings = (title, look, list, open, told = contradiction) =>
    list.length
      ? fold(
          make("span", "", title + " ", make("b", "count", list.length.toLocaleString("en"))), look, open,
          table(["Operations", "What is wrong", "Declared at"], list.map((one) => [operations(one), told(one), declared(one)]), SHOWN),
        )
      : "";
  const number = (value, noun, look, many) => make("li", value ? look : "", make("b", "", value.toLocaleString("en")), " " + (value === 1 ? noun : many || noun));

  for (const api of data.apis) {
    const part = make("article", api.lying ? "bad" : api.strangers ? "warn" : "good");
    part.append(
      make("h3", "", api.name, " ", make("small", "", api.source)),
      make(
        "ul", "numbers",
        number(api.mocks, "mock seen", "", "mocks seen"), number(api.lying, "lies", "bad", "lie"),
        number(api.strangers, "of what the contract doesn't have", "warn"),
        number(api.unsaid, "without a status of its own", "", "without a status of their own"),
        make("li", "", make("b", "", api.mocked + " of " + api.operations), " operations have a mock"),
        number(api.tests, "test received them", "", "tests received them"),
      ),
      findings("Lies", "bad", api.lies, true),
      findings("Mocked, and not in the contract", "warn", api.unknown, !api.lies.length, stranger),
      findings("The contract's own examples say the same, so it contradicts itself here", "warn", api.disputes, false),
      findings("Never seen by the contract", "warn", api.doubts, false),
      api.errors.length
        ? fold(
            make("span", "", "Documented errors that no test meets ", make("b", "count", api.errors.length.toLocaleString("en"))), "", false,
            table(["Operation", "Statuses"], api.errors.map(([key, met]) => [name(key), met.join(", ")]), SHOWN),
          )
        : "",
      api.never.length
        ? fold(
            make("span", "", "Operations that no mock answers ", make("b", "count", api.never.length.toLocaleString("en"))), "", false,
            table(["Operation"], api.never.map((key) => [name(key)]), SHOWN),
          )
        : "",
      fold(
        make("span", "", "Every mock ", make("b", "count", api.mocks.toLocaleString("en"))), "", false,
        table(
          ["Operation", "Declared at", "By", "Status", "Received", "Contradictions"],
          api.all.map(([operation, place, library, statuses, received, lies]) => [
            name(operation), make("code", "", place), library,
            statuses.map((status) => status || "unsaid").join(", "), received.toLocaleString("en"), lies ? make("b", "bad", String(lies)) : "0",
          ]),
          SHOWN,
        ),
      ),
    );
    whole.append(part);
  }
  if (!data.apis.length) whole.append(make("p", "dim", "No test received an answer of an API that pyproject.toml names."));
  if (data.unnamed.length) {
    whole.append(
      make("h3", "", "Hosts without a contract"),
      make("p", "dim", "Learn one with lookalike learn SOURCE -o contracts/NAME.yaml, and name it in pyproject.toml as [tool.lookalike.apis.NAME]."),
      table(
        ["Host", "Mocks", "Declared at"],
        data.unnamed.map((one) => [make("code", "", one.host || "addresses without a host"), String(one.places.length), one.places.slice(0, 5).join(", ") + (one.places.length > 5 ? " …" : "")]),
        SHOWN,
      ),
    );
  }
  const notes = [...data.unread.map(([name, why]) => name + " is not held to a contract: " + why), ...data.troubles.map((one) => "Not seen because of an error of lookalike's own: " + one)];
  if (notes.length) whole.append(make("ul", "notes", ...notes.map((one) => make("li", "", one))));
  return whole;
};
