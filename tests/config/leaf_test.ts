/**
 * Single values: what each kind of row takes, what it becomes, and the words for it.
 */

import assert from "node:assert/strict";
import { allowedText, formatLeaf, kindText, rangeText, readLeaf } from "../../src/config/leaf.ts";
import { everyRow } from "../../src/config/path.ts";
import { isLeaf } from "../../src/config/read.ts";
import { MAX_SOCKET_PATH_BYTES } from "../../src/config/text_forms.ts";
import { choice, count, duration, type LeafRow, size, text, toggle } from "../../src/config/row.ts";

const SIZE = size("2 KiB", { from: "1 KiB", to: "1 MB", about: "" });
const DURATION = duration("2s", { from: "1s", to: "1h", about: "" });
const NEVER = duration("never", { from: "1s", to: "1h", never: "word", about: "" });
const NEVER_OR_0 = duration("2s", { from: "1s", to: "1h", never: "word or 0", about: "" });
const COUNT = count(2, { from: 1, to: 9, unit: "", about: "" });
const COUNT_OR_NONE = count("none", { from: 1, to: 9, unit: "", none: true, about: "" });
const CHOICE = choice("drop", ["drop", "keep"], "");
const TOGGLE = toggle(true, "");
const ADDRESS = text("all", "address", "");
const SOCKET = text(undefined, "socket path", "");
const FILE = text(undefined, "file path", "");

/** The value, or what is wrong. */
function read(row: LeafRow, raw: unknown): unknown {
  const result = readLeaf(row, raw);
  return result.ok ? result.value : `wrong ${result.wrong}`;
}

function checkAll(row: LeafRow, cases: readonly (readonly [raw: unknown, result: unknown])[]) {
  assert.deepEqual(cases.map(([raw]) => [raw, read(row, raw)]), cases);
}

Deno.test("readLeaf() of a size gives bytes within an inclusive range", () => {
  checkAll(SIZE, [
    [undefined, 2048],
    ["1 KiB", 1024],
    [1024, 1024],
    ["1 MB", 1_000_000],
    [1023, "wrong range"],
    [1_000_001, "wrong range"],
    ["1K", "wrong kind"],
    [true, "wrong kind"],
    ["never", "wrong kind"],
  ]);
});

Deno.test("readLeaf() of a duration gives milliseconds, and never only where it is allowed", () => {
  checkAll(DURATION, [[undefined, 2000], ["1s", 1000], [3600, 3_600_000], ["1h", 3_600_000]]);
  checkAll(DURATION, [["999ms", "wrong range"], ["61m", "wrong range"], [0, "wrong range"]]);
  checkAll(DURATION, [["never", "wrong kind"], ["soon", "wrong kind"], [[], "wrong kind"]]);
  checkAll(NEVER, [[undefined, Infinity], ["never", Infinity], [0, "wrong range"]]);
  checkAll(NEVER_OR_0, [["never", Infinity], [0, Infinity], ["0s", Infinity], [1, 1000]]);
});

Deno.test("readLeaf() of a count gives whole numbers, and Infinity for none where it is allowed", () => {
  checkAll(COUNT, [[undefined, 2], [1, 1], [9, 9], [0, "wrong range"], [10, "wrong range"]]);
  checkAll(COUNT, [[1.5, "wrong kind"], ["2", "wrong kind"], ["none", "wrong kind"]]);
  checkAll(COUNT, [[NaN, "wrong kind"], [Infinity, "wrong kind"], [true, "wrong kind"]]);
  checkAll(COUNT_OR_NONE, [[undefined, Infinity], ["none", Infinity], [0, Infinity], [3, 3]]);
  checkAll(COUNT_OR_NONE, [[10, "wrong range"], [-1, "wrong range"]]);
});

Deno.test("readLeaf() takes words and truth values exactly as they are written", () => {
  checkAll(CHOICE, [[undefined, "drop"], ["keep", "keep"], ["Keep", "wrong kind"]]);
  checkAll(CHOICE, [[0, "wrong kind"], [null, "wrong kind"]]);
  checkAll(TOGGLE, [[undefined, true], [false, false], ["false", "wrong kind"], [0, "wrong kind"]]);
});

Deno.test("readLeaf() of a text asks for its form", () => {
  checkAll(ADDRESS, [[undefined, "all"], ["::1", "::1"], ["a b", "wrong kind"], [1, "wrong kind"]]);
  const longest = `/${"\u00e9".repeat((MAX_SOCKET_PATH_BYTES - 1) / 2)}`;
  checkAll(SOCKET, [[undefined, undefined], [longest, longest], [`${longest}x`, "wrong kind"]]);
  checkAll(FILE, [[undefined, undefined], [`${longest}x`, `${longest}x`], [" ", "wrong kind"]]);
  checkAll(FILE, [["a\0b", "wrong kind"], ["", "wrong kind"]]);
});

Deno.test("readLeaf() throws when the range of a row cannot be read: that is a bug", () => {
  const row = size("1 B", { from: "little", to: "1 MB", about: "" });
  assert.throws(() => readLeaf(row, 5), /^Error: Cannot check a value: the range of its row/);
});

Deno.test("kindText() and allowedText() say what a row wants", () => {
  const sizes = "a number of bytes or a number with B, kB, KiB, MB, MiB, GB, GiB";
  const durations = "a number of seconds or a number with ms, s, m, h, d, w";
  const expected: [LeafRow, string, string][] = [
    [SIZE, "a size", `${sizes}, from 1 KiB to 1 MB`],
    [DURATION, "a duration", `${durations}, from 1s to 1h`],
    [NEVER, "a duration", `${durations}, from 1s to 1h, or "never"`],
    [NEVER_OR_0, "a duration", `${durations}, from 1s to 1h, or "never" (0 means the same)`],
    [COUNT, "a whole number", "a whole number from 1 to 9"],
    [COUNT_OR_NONE, "a whole number", 'a whole number from 1 to 9, or "none"'],
    [CHOICE, "one of the words allowed here", "drop, keep"],
    [TOGGLE, "true or false", "true, false"],
    [ADDRESS, "an address", 'an IP address, a host name, or "all"'],
    [SOCKET, "a socket path", "a path of at most 107 bytes"],
    [FILE, "a file path", "a path"],
  ];
  assert.deepEqual(expected.map(([row]) => [row, kindText(row), allowedText(row)]), expected);
});

Deno.test("rangeText() writes sizes with the unit that fits", () => {
  const row = size("1 KiB", { from: "2048 B", to: "1024 MiB", about: "" });
  assert.equal(rangeText(row), "from 2 KiB to 1 GiB");
});

Deno.test("formatLeaf() writes a value the way that it can be read again", () => {
  const cases: [LeafRow, unknown, string][] = [
    [SIZE, 2048, "2 KiB"],
    [DURATION, 90_000, "90s"],
    [NEVER, Infinity, "never"],
    [COUNT_OR_NONE, Infinity, "none"],
    [COUNT, 5, "5"],
    [TOGGLE, false, "false"],
    [CHOICE, "keep", "keep"],
  ];
  assert.deepEqual(cases.map(([row, value]) => [row, value, formatLeaf(row, value)]), cases);
});

Deno.test("formatLeaf() of every default is read as the same default", () => {
  for (const { path, row } of everyRow()) {
    if (!isLeaf(row)) continue;
    const value = read(row, undefined);
    if (value === undefined || value === "") continue;
    const written = formatLeaf(row, value);
    const isPlain = (row.kind === "count" && written !== "none") || row.kind === "toggle";
    assert.equal(read(row, isPlain ? JSON.parse(written) : written), value, path.join("."));
  }
});
