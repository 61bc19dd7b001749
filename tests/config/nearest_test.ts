/**
 * Suggestions for mistyped words: near enough, or none.
 */

import assert from "node:assert/strict";
import { editDistance, nearest } from "../../src/config/nearest.ts";

Deno.test("editDistance() counts letters that are missing, superfluous, wrong or exchanged", () => {
  const expected: [string, string, number][] = [
    ["", "", 0],
    ["port", "port", 0],
    ["", "port", 4],
    ["prt", "port", 1],
    ["poort", "port", 1],
    ["part", "port", 1],
    ["prot", "port", 1],
    ["kitten", "sitting", 3],
  ];
  assert.deepEqual(expected.map(([a, b]) => [a, b, editDistance(a, b)]), expected);
});

Deno.test("editDistance() is the same in both directions", () => {
  const words = ["max_qos", "max_sessions", "sessions", "xam_qos", ""];
  for (const a of words) {
    for (const b of words) assert.equal(editDistance(a, b), editDistance(b, a), `${a} ${b}`);
  }
});

Deno.test("nearest() suggests the nearest word, whatever the case and the separators", () => {
  const keys = ["max_packet_size", "max_connections", "max_sessions", "port"];
  assert.deepEqual(
    ["max-packet-size", "maxPacketSize", "max_conections", "Port", "prot"].map((word) =>
      nearest(word, keys)
    ),
    ["max_packet_size", "max_packet_size", "max_connections", "port", "port"],
  );
});

Deno.test("nearest() takes the beginning of a word for the word", () => {
  assert.equal(nearest("drop_old", ["drop_newest", "drop_oldest"]), "drop_oldest");
});

Deno.test("nearest() suggests nothing rather than something far away", () => {
  assert.deepEqual(
    ["banana", "xyz", "", "tls"].map((word) => nearest(word, ["port", "address", "path"])),
    [undefined, undefined, undefined, undefined],
  );
});
