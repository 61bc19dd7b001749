/**
 * The sentence and the hint for one wrong value or key. Where they stand in the file, and all of
 * them together, is in load_test.ts.
 */

import assert from "node:assert/strict";
import { explainUnknownKey, explainValue, shown } from "../../src/config/explain.ts";
import { everyRow, rowAt } from "../../src/config/path.ts";

const LISTENER_KEYS = "name, port, address, path, mode, owner, group, protocol, tls, websocket, " +
  "proxy_protocol, proxy_networks, protocol_versions, mount_point, max_qos, max_packet_size, " +
  "max_connections, clientid_prefixes, use_username_as_clientid, allow_anonymous";

Deno.test("explainValue() says what the value is not, or that it is out of range", () => {
  assert.deepEqual(explainValue(["limits", "max_connections"], "many"), {
    message: "Cannot read 'limits.max_connections': 'many' is not a whole number; " +
      "allowed: a whole number from 1 to 1000000",
  });
  assert.deepEqual(explainValue(["limits", "max_connections"], 0), {
    message: "Cannot read 'limits.max_connections': '0' is out of range; " +
      "allowed: a whole number from 1 to 1000000",
  });
});

Deno.test("explainValue() adds what was probably meant", () => {
  assert.deepEqual(explainValue(["logging", "level"], "warn"), {
    message: "Cannot read 'logging.level': 'warn' is not one of the words allowed here; " +
      "allowed: error, warning, info, debug",
    hint: "did you mean 'warning'?",
  });
});

Deno.test("explainValue() says of nothing what belongs there, for every kind of row", () => {
  const start = (key: string) => `Cannot read '${key}': it has no value; allowed:`;
  assert.equal(
    explainValue(["features", "max_qos"], null).message,
    `${start("features.max_qos")} a whole number from 0 to 2`,
  );
  assert.equal(
    explainValue(["listeners"], null).message,
    `${start("listeners")} a list, each item with the keys ${LISTENER_KEYS}`,
  );
  assert.equal(
    explainValue(["logging", "destinations"], null).message,
    `${start("logging.destinations")} a list, each item with the keys file, max_size, keep, ` +
      "or stderr, stdout",
  );
  assert.equal(
    explainValue(["listeners", 1], null).message,
    `${start("listeners[1]")} the keys ${LISTENER_KEYS}`,
  );
});

Deno.test("explainValue() of a list says whether it is none or is empty", () => {
  assert.deepEqual(explainValue(["listeners"], { port: 1 }), {
    message: "Cannot read 'listeners': a section is not a list; " +
      `allowed: a list, each item with the keys ${LISTENER_KEYS}`,
    hint: "begin each item of a list with '- '",
  });
  assert.deepEqual(explainValue(["listeners"], []), {
    message: "Cannot read 'listeners': the list is empty; allowed: one or more",
  });
});

Deno.test("explainValue() of an item names the words that may stand there in place of keys", () => {
  assert.deepEqual(explainValue(["logging", "destinations", 0], "stdot"), {
    message: "Cannot read 'logging.destinations[0]': 'stdot' is not allowed here; " +
      "allowed: stderr, stdout, or the keys file, max_size, keep",
    hint: "did you mean 'stdout'?",
  });
});

Deno.test("explainValue() finds the space that is missing after a key", () => {
  assert.deepEqual(explainValue(["features"], "max_qos:1"), {
    message: "Cannot read 'features': 'max_qos:1' is not a section; " +
      "allowed: the keys retain_available, max_qos",
    hint: "a space is missing after 'max_qos:'",
  });
  assert.equal(explainValue(["features"], "constructor:1").hint, undefined);
});

Deno.test("explainValue() of the whole file and of a place that no row has", () => {
  assert.match(
    explainValue([], "hello").message,
    /^Cannot read the configuration: 'hello' is not a section; allowed: the keys listeners, /,
  );
  assert.deepEqual(explainValue(["nowhere", 3], "x"), { message: "Cannot read 'nowhere[3]'" });
});

Deno.test("explainValue() has a sentence for every row that ends with what is allowed", () => {
  for (const { path } of everyRow()) {
    // An item of a list has an index in a path, which everyRow() leaves out.
    const steps = path.flatMap((step, index) =>
      rowAt(path.slice(0, index))?.kind === "list" ? [0, step] : [step]
    );
    const { message } = explainValue(steps, null);
    assert.match(message, /^Cannot read '[\w.[\]]+': it has no value; allowed: .*[^.\s]$/);
  }
});

Deno.test("explainUnknownKey() lists the keys of its section and finds the one that was meant", () => {
  assert.deepEqual(explainUnknownKey(["listeners", 0, "prot"]), {
    message: "Cannot use 'prot': there is no such key in 'listeners[0]'; " +
      `allowed: ${LISTENER_KEYS}`,
    hint: "did you mean 'port'?",
  });
  assert.match(
    explainUnknownKey(["xyzzy"]).message,
    /^Cannot use 'xyzzy': there is no such key at the top level; allowed: listeners, users, roles, /,
  );
});

Deno.test("explainUnknownKey() shortens a long key", () => {
  const sentenceOf = (length: number) => explainUnknownKey(["k".repeat(length)]).message;
  assert.ok(sentenceOf(60).startsWith(`Cannot use '${"k".repeat(60)}': `));
  assert.ok(sentenceOf(61).startsWith(`Cannot use '${"k".repeat(57)}...': `));
});

Deno.test("shown() quotes and shortens single values, and names the others", () => {
  const cases: [unknown, string][] = [
    ["x", "'x'"],
    [5, "'5'"],
    [false, "'false'"],
    ["y".repeat(40), `'${"y".repeat(40)}'`],
    ["y".repeat(41), `'${"y".repeat(37)}...'`],
    [[1], "a list"],
    [{}, "a section"],
    [null, "nothing"],
    [undefined, "nothing"],
  ];
  assert.deepEqual(cases.map(([raw]) => [raw, shown(raw)]), cases);
});

Deno.test("explainValue() of texts says what an item is, and how one is written as a list", () => {
  const rule = "publish, subscribe or readwrite, a space, and a Topic Filter";
  assert.deepEqual(explainValue(["roles", 0, "allow"], "publish a"), {
    message:
      `Cannot read 'roles[0].allow': 'publish a' is not a list; allowed: a list, each item ` +
      rule,
    hint: "write it as [publish a]",
  });
  assert.deepEqual(explainValue(["roles", 0, "allow", 2], "publish a#"), {
    message: "Cannot read 'roles[0].allow[2]': 'publish a#' is not a rule: " +
      `"#" does not stand alone in its level; allowed: ${rule}`,
  });
});

Deno.test("explainValue() of a key that is missing names it", () => {
  assert.equal(
    explainValue(["users", 3, "name"], undefined).message,
    "Cannot read 'users[3]': it has no 'name'; " +
      "allowed: 1 to 65535 bytes of text without control characters",
  );
});

Deno.test("explainValue() shows no secret: neither of a secret row nor from elsewhere", () => {
  const password = explainValue(["users", 0, "password"], "hunter2");
  assert.match(
    password.message,
    /^Cannot read 'users\[0\]\.password': the value \(not shown\) is not/,
  );
  assert.equal(password.hint, "run 'broker passwd' to make one");
  const fromElsewhere = [
    explainValue(["limits", "max_sessions"], "hunter2", true),
    explainValue(["limits"], "hunter2", true),
    explainValue(["acl_files"], "hunter2", true),
  ];
  for (const { message, hint = "" } of [password, ...fromElsewhere]) {
    assert.match(message, /\(not shown\)/);
    assert.equal(`${message}${hint}`.includes("hunter2"), false, message);
  }
});

Deno.test("shown() leaves out what stands behind the name of a secret", () => {
  assert.equal(shown("ann password:hunter2"), "'ann password:***'");
  assert.match(explainUnknownKey(["users", 0, "password=hunter2"]).message, /'password=\*\*\*'/);
});
