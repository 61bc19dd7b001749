import assert from "node:assert/strict";
import {
  checkTopicFilter,
  checkTopicName,
  isSharedFilter,
  parseSharedFilter,
  topicFilterFault,
  topicLevels,
  topicMatches,
  topicNameFault,
} from "../../src/protocol/topic.ts";
import { assertProtocolError } from "./vector.ts";

const TOO_LONG = "a".repeat(65_536);

Deno.test("topicNameFault() accepts what section 4.7.3 allows [MQTT-4.7.3-1]", () => {
  const names = [
    "a",
    "/",
    "//",
    "a/b",
    "/a",
    "a/",
    "$SYS/x",
    " ",
    "a b",
    "ACCOUNTS",
    "\u00e9/\u4e16",
  ];
  for (const name of [...names, "a".repeat(65_535), "\u4e16".repeat(21_845), "$share/g/a"]) {
    assert.equal(topicNameFault(name), undefined, name);
  }
});

Deno.test("topicNameFault() finds wildcards wherever they are [MQTT-4.7.0-1] [MQTT-3.3.2-2]", () => {
  for (const name of ["+", "#", "a/+", "a/#", "a+b", "a#", "+/a", "#/a"]) {
    assert.equal(topicNameFault(name), "contains a wildcard", name);
  }
});

Deno.test("topicNameFault() finds an empty Topic Name [MQTT-4.7.3-1]", () => {
  assert.equal(topicNameFault(""), "it is empty");
});

Deno.test("topicNameFault() and topicFilterFault() find U+0000 [MQTT-4.7.3-2]", () => {
  assert.equal(topicNameFault("a\0b"), "contains U+0000");
  assert.equal(topicFilterFault("a/\0/#"), "contains U+0000");
});

Deno.test("topicNameFault() and topicFilterFault() count bytes, not characters [MQTT-4.7.3-3]", () => {
  assert.equal(topicNameFault(TOO_LONG), "65536 bytes, at most 65,535 are allowed");
  assert.equal(
    topicFilterFault("\u4e16".repeat(21_846)),
    "65538 bytes, at most 65,535 are allowed",
  );
  assert.equal(topicFilterFault("\u4e16".repeat(21_845)), undefined);
});

Deno.test("checkTopicName() throws 0x90 and names the field", () => {
  checkTopicName("a/b");
  assert.equal(
    assertProtocolError(() => checkTopicName("a/+"), 0x90),
    "Cannot accept Topic Name: contains a wildcard",
  );
  assert.equal(
    assertProtocolError(() => checkTopicName("", "Will Topic"), 0x90),
    "Cannot accept Will Topic: it is empty",
  );
});

Deno.test("topicFilterFault() accepts wildcards where section 4.7.1 allows them", () => {
  const filters = [
    "#",
    "+",
    "a/#",
    "a/+",
    "+/a",
    "+/+",
    "/+",
    "/#",
    "+/#",
    "a/+/b/#",
    "//",
    "$SYS/#",
  ];
  for (const filter of [...filters, "+/tennis/#", "sport/tennis/player1/#", "a b", "/"]) {
    assert.equal(topicFilterFault(filter), undefined, filter);
  }
});

Deno.test("topicFilterFault() wants # last and alone in its level [MQTT-4.7.1-1]", () => {
  for (const filter of ["#/a", "a/#/b", "/#/", "#/#", "#/"]) {
    assert.equal(topicFilterFault(filter), '"#" is not the last level', filter);
  }
  for (const filter of ["a#", "a/b#", "#a", "##", "a/#b", "a#/b"]) {
    assert.equal(topicFilterFault(filter), '"#" does not stand alone in its level', filter);
  }
});

Deno.test("topicFilterFault() wants + alone in its level [MQTT-4.7.1-2]", () => {
  for (const filter of ["a+", "+a", "a/+b", "a/b+/c", "++", "+#", "#+", "sport+"]) {
    assert.equal(topicFilterFault(filter), '"+" does not stand alone in its level', filter);
  }
});

Deno.test("topicFilterFault() finds an empty Topic Filter [MQTT-4.7.3-1]", () => {
  assert.equal(topicFilterFault(""), "it is empty");
});

Deno.test("topicFilterFault() wants a share name [MQTT-4.8.2-1]", () => {
  for (const filter of ["$share/", "$share//", "$share//a", "$share///a"]) {
    assert.equal(topicFilterFault(filter), "the share name is empty", filter);
  }
});

Deno.test("topicFilterFault() wants a share name without wildcards [MQTT-4.8.2-2]", () => {
  for (const filter of ["$share/+/a", "$share/#/a", "$share/a+/a", "$share/#", "$share/a#b/c"]) {
    assert.equal(topicFilterFault(filter), "the share name contains a wildcard", filter);
  }
});

Deno.test("topicFilterFault() wants a Topic Filter after the share name [MQTT-4.8.2-2]", () => {
  for (const filter of ["$share/g", "$share/g/"]) {
    assert.equal(topicFilterFault(filter), "no Topic Filter follows the share name", filter);
  }
  assert.equal(topicFilterFault("$share/g/a#"), '"#" does not stand alone in its level');
  assert.equal(topicFilterFault("$share/g/#/a"), '"#" is not the last level');
});

Deno.test("checkTopicFilter() throws 0x8F", () => {
  checkTopicFilter("$share/g/a/#");
  assert.equal(
    assertProtocolError(() => checkTopicFilter("a#"), 0x8f),
    'Cannot accept Topic Filter: "#" does not stand alone in its level',
  );
});

Deno.test("parseSharedFilter() splits a shared subscription [MQTT-4.8.2-1] [MQTT-4.8.2-2]", () => {
  const cases: [string, { shareName: string; topicFilter: string } | undefined][] = [
    ["$share/g/a", { shareName: "g", topicFilter: "a" }],
    ["$share/consumer1/sport/+/#", { shareName: "consumer1", topicFilter: "sport/+/#" }],
    ["$share/consumer1//finance", { shareName: "consumer1", topicFilter: "/finance" }],
    ["$share/g/$SYS/#", { shareName: "g", topicFilter: "$SYS/#" }],
    ["$share/g/$share/h/a", { shareName: "g", topicFilter: "$share/h/a" }],
    ["$share/g", undefined],
    ["$share//a", undefined],
    ["$share/g/a#", undefined],
    ["$share", undefined],
    ["$shared/g/a", undefined],
    ["$SHARE/g/a", undefined],
    ["/$share/g/a", undefined],
    ["a/b", undefined],
  ];
  for (const [filter, expected] of cases) {
    assert.deepEqual(parseSharedFilter(filter), expected, filter);
  }
});

Deno.test("isSharedFilter() is true for malformed shared subscriptions too", () => {
  assert.equal(isSharedFilter("$share/"), true);
  assert.equal(isSharedFilter("$share/g/a"), true);
  assert.equal(isSharedFilter("$share"), false);
  assert.equal(isSharedFilter("$shared/g"), false);
});

Deno.test("topicLevels() counts empty levels", () => {
  const cases: [string, number][] = [["", 1], ["a", 1], ["/", 2], ["a/b", 2], ["/a//", 4]];
  for (const [topic, levels] of cases) assert.equal(topicLevels(topic), levels, topic);
});

/** Every Topic Name of this list against each filter: exactly these match. */
const NAMES = [
  "sport",
  "sport/",
  "sport/tennis",
  "sport/tennis/player1",
  "sport/tennis/player1/ranking",
  "Sport",
  "/",
  "/finance",
  "//",
  "$SYS",
  "$SYS/monitor/Clients",
  "$sport/tennis",
];
const MATCHES: [string, string[]][] = [
  ["sport", ["sport"]],
  ["sport/#", NAMES.slice(0, 5)],
  ["sport/+", ["sport/", "sport/tennis"]],
  ["sport/tennis/+", ["sport/tennis/player1"]],
  ["sport/+/player1/#", ["sport/tennis/player1", "sport/tennis/player1/ranking"]],
  ["sport/tennis/#", NAMES.slice(2, 5)],
  ["sport/+/", []],
  ["+", ["sport", "Sport"]],
  ["+/+", ["sport/", "sport/tennis", "/", "/finance"]],
  ["+/+/+", ["sport/tennis/player1", "//"]],
  ["/+", ["/", "/finance"]],
  ["+/", ["sport/", "/"]],
  ["/", ["/"]],
  ["/#", ["/", "/finance", "//"]],
  ["+/tennis/#", ["sport/tennis", "sport/tennis/player1", "sport/tennis/player1/ranking"]],
  ["+/tennis", ["sport/tennis"]],
  ["+/finance", ["/finance"]],
  ["finance", []],
  ["SPORT", []],
];

Deno.test("topicMatches() matches as sections 4.7.1 and 4.7.3 say [MQTT-4.7.3-4]", () => {
  for (const [filter, expected] of MATCHES) {
    assert.deepEqual(NAMES.filter((name) => topicMatches(filter, name)), expected, filter);
  }
});

Deno.test("topicMatches() keeps $-topics from a leading wildcard [MQTT-4.7.2-1]", () => {
  const cases: [string, string[]][] = [
    ["#", NAMES.filter((name) => !name.startsWith("$"))],
    ["+/#", NAMES.filter((name) => !name.startsWith("$"))],
    ["+/monitor/Clients", []],
    ["$SYS/#", ["$SYS", "$SYS/monitor/Clients"]],
    ["$SYS/monitor/+", ["$SYS/monitor/Clients"]],
    ["$SYS/+/Clients", ["$SYS/monitor/Clients"]],
    ["$sport/#", ["$sport/tennis"]],
  ];
  for (const [filter, expected] of cases) {
    assert.deepEqual(NAMES.filter((name) => topicMatches(filter, name)), expected, filter);
  }
});

Deno.test("topicMatches() does not normalise what it compares [MQTT-4.7.3-4]", () => {
  assert.equal(topicMatches("\u00c5", "\u00c5"), true);
  assert.equal(topicMatches("\u00c5", "A\u030a"), false);
  assert.equal(topicMatches("\u00c5", "\u212b"), false);
});
