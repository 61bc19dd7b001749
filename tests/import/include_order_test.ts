/** The files of include_dir, in Mosquitto's order (as Mosquitto 2.0.11 logs that it loads them). */

import assert from "node:assert/strict";
import { compareNames, includedNames } from "../../src/import/include_order.ts";

const IN_ORDER = ["10", "Ac", "a", "a.conf", "ab", "B", "b", "C", "_x"].map((name) =>
  `${name}.conf`
);

Deno.test("includedNames() puts .conf files into the order in which Mosquitto loads them", () => {
  const names = [...IN_ORDER.toSorted(), "README", "x.conf~", ".conf", "conf"];
  assert.deepEqual(includedNames(names), IN_ORDER);
});

Deno.test("compareNames() compares letter by letter, a capital before its small letter", () => {
  assert.ok(compareNames("Ac.conf", "ab.conf") < 0);
  assert.ok(compareNames("a.conf", "a.conf.conf") < 0);
  assert.equal(compareNames("a", "a"), 0);
});
