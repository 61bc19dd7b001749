/**
 * Rows: the names that settings get, and that the makers return plain data. That the types agree
 * with the names is shown in read_test.ts.
 */

import assert from "node:assert/strict";
import {
  choice,
  choices,
  count,
  duration,
  fileBeside,
  filesBeside,
  list,
  presentText,
  type Row,
  secretText,
  section,
  settingName,
  size,
  text,
  texts,
  toggle,
} from "../../src/config/row.ts";
import { settingsTable } from "../../src/config/settings.ts";

const SIZE = size("1 B", { from: "0 B", to: "9 B", about: "Size" });
const DURATION = duration("1s", { from: "0s", to: "9s", never: "word", about: "Duration" });
const COUNT = count("none", { from: 1, to: 9, unit: "things", none: true, about: "Count" });

Deno.test("settingName() adds the unit that a key does not name", () => {
  const cases: [string, Row, string][] = [
    ["max_packet_size", SIZE, "maxPacketSizeBytes"],
    ["max_bytes_per_client", SIZE, "maxBytesPerClient"],
    ["sys_interval", DURATION, "sysIntervalMs"],
    ["max_sessions", COUNT, "maxSessions"],
    ["bytes_left", COUNT, "bytesLeft"],
    ["port", COUNT, "port"],
    ["a_b_c", toggle(true, ""), "aBC"],
    ["log_level", choice("a", ["a"], ""), "logLevel"],
    ["file", text(undefined, "file path", ""), "file"],
    ["inner_part", section("", {}), "innerPart"],
    ["all_items", list([], section("", {}), ""), "allItems"],
  ];
  assert.deepEqual(cases.map(([key, row]) => [key, row, settingName(key, row)]), cases);
});

Deno.test("no two keys of a section get the same name", () => {
  const visit = (row: Row): void => {
    if (row.kind === "list") return visit(row.item);
    if (row.kind !== "section") return;
    const names = Object.entries(row.rows).map(([key, inner]) => settingName(key, inner));
    assert.deepEqual(names, [...new Set(names)]);
    for (const inner of Object.values(row.rows)) visit(inner);
  };
  visit(settingsTable);
});

Deno.test("size(), duration() and count() keep their range, unit and words", () => {
  assert.deepEqual([SIZE, DURATION, COUNT], [
    { kind: "size", default: "1 B", from: "0 B", to: "9 B", about: "Size" },
    { kind: "duration", default: "1s", from: "0s", to: "9s", never: "word", about: "Duration" },
    { kind: "count", default: "none", from: 1, to: 9, unit: "things", none: true, about: "Count" },
  ]);
});

Deno.test("choice(), toggle() and text() have other names only when they are given", () => {
  assert.deepEqual(choice("b", ["a", "b"], "Choice", ["c"]), {
    kind: "choice",
    default: "b",
    words: ["a", "b"],
    about: "Choice",
    alias: ["c"],
  });
  assert.deepEqual(toggle(false, "Toggle"), {
    kind: "toggle",
    default: false,
    about: "Toggle",
    alias: [],
  });
  assert.deepEqual(text("all", "address", "Text", ["host"]), {
    kind: "text",
    default: "all",
    form: "address",
    about: "Text",
    alias: ["host"],
  });
});

Deno.test("section() and list() hold their rows as they are", () => {
  const rows = { a: SIZE };
  const item = section("Item", rows);
  assert.deepEqual(item, { kind: "section", about: "Item", rows, alias: [] });
  assert.equal(item.rows.a, SIZE);
  assert.deepEqual(list(["w"], item, "List", ["w"], ["other"]), {
    kind: "list",
    default: ["w"],
    item,
    about: "List",
    words: ["w"],
    alias: ["other"],
  });
});

Deno.test("the table of settings is plain data: it survives being written as JSON", () => {
  // Rows without a default have `undefined` there, which JSON leaves out.
  const withoutUndefined = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(withoutUndefined);
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUndefined(inner)]));
  };
  assert.deepEqual(JSON.parse(JSON.stringify(settingsTable)), withoutUndefined(settingsTable));
});

Deno.test("texts() and choices() say what one item is", () => {
  assert.deepEqual(texts(["a"], "network", "Texts", ["b"]), {
    kind: "texts",
    default: ["a"],
    item: presentText("required", "network", "Texts"),
    about: "Texts",
    alias: ["b"],
  });
  assert.equal(texts(undefined, "network", "").default, undefined);
  assert.deepEqual(choices(["a"], ["a", "b"], "Choices"), {
    kind: "texts",
    default: ["a"],
    item: choice("a", ["a", "b"], "Choices"),
    about: "Choices",
    alias: [],
  });
});

Deno.test("special texts are texts with a mark", () => {
  const plain = { kind: "text", default: undefined, about: "A", alias: [] };
  assert.deepEqual(
    [presentText("derived", "name", "A"), secretText("secret", "A"), fileBeside("A")],
    [
      { ...plain, form: "name", presence: "derived" },
      { ...plain, form: "secret", secret: true },
      { ...plain, form: "file path", isBeside: true },
    ],
  );
  const { item, ...rest } = filesBeside("A");
  assert.deepEqual(rest, { kind: "texts", default: [], about: "A", alias: [] });
  assert.deepEqual(item, { ...plain, form: "file path", presence: "required", isBeside: true });
});
