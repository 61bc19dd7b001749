/** The YAML that an import writes is read back as what was put in. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { scalarText, YamlSection } from "../../src/import/yaml_draft.ts";

const TEXTS = [
  "plain",
  "a b",
  "readwrite home/#",
  "a: b",
  "a:",
  "on",
  "No",
  "null",
  "1883",
  "0x10",
  "1e3",
  "10s",
  ".5",
  "~",
  "",
  " a ",
  "#a",
  "a #b",
  "$7$x==",
  "- a",
  "[a]",
  "{a}",
  "'",
  '"',
  "\\",
  "*a",
  "&a",
  "!a",
  "%u/x",
  "@a",
  "`",
  "a\nb",
  "\u0000",
  "\u0085",
  "\u2028",
  "\ufeff",
  "J\u00f6rg",
  "\ud83d\ude00",
  "--",
  "?",
  "|",
  "> x",
  "127.0.0.1",
  "::1",
  "2001-01-01",
  "true",
  ".inf",
  "a\tb",
  "x: y: z",
  "tab\t",
  "/a/b c",
];

Deno.test("scalarText() writes any text so that YAML reads that text", () => {
  for (const text of TEXTS) {
    assert.deepEqual(parse(`- ${scalarText(text)}  # note`), [text], JSON.stringify(text));
  }
  assert.deepEqual(parse(`[${scalarText(5)}, ${scalarText(true)}]`), [5, true]);
});

Deno.test("a section is written with notes behind values and comments above keys", () => {
  const root = new YamlSection();
  root.comment("above");
  root.put("one", "on", "conf:1");
  root.append("list", "a b", "conf:2\nforged: 1");
  root.list("none");
  const item = root.appendSection("items");
  item.comment("of the item");
  item.put("port", 1883);
  item.section("tls").put("key", "/k");
  root.section("empty");
  assert.deepEqual(root.lines(), [
    "# above",
    'one: "on"  # conf:1',
    "list:",
    "  - a b  # conf:2\\nforged: 1",
    "none: []",
    "items:",
    "  # of the item",
    "  - port: 1883",
    "    tls:",
    "      key: /k",
  ]);
  assert.deepEqual(parse(root.lines().join("\n")), {
    one: "on",
    list: ["a b"],
    none: [],
    items: [{ port: 1883, tls: { key: "/k" } }],
  });
  assert.deepEqual(root.sectionsOf("items"), [item]);
});

Deno.test("a section of comments alone is a comment itself", () => {
  const root = new YamlSection();
  root.section("users").comment("nobody");
  assert.equal(parse(root.lines().join("\n")), null);
  assert.equal(root.has("users"), true);
});
