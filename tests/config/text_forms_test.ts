/**
 * Forms of text: what each of them takes and refuses, and the reasons it gives.
 */

import assert from "node:assert/strict";
import type { TextForm } from "../../src/config/text_form.ts";
import {
  asText,
  formAllows,
  formHint,
  mayBeEmpty,
  takesNumbers,
  textFault,
} from "../../src/config/text_forms.ts";

const KEY = "A".repeat(43) + "=";
const HASH = `$7$101$aaaa$${"a".repeat(84)}aQ==`;

/** Texts that the form takes, and those that it does not. */
const CASES: Readonly<Record<TextForm, readonly [right: string[], wrong: string[]]>> = {
  account: [["mqtt", "_x", "1000"], ["", "a b", "-x", "12345678901"]],
  address: [["all", "::1"], ["", "a b"]],
  claim: [["sub", "https://x/groups"], ["", "a\n"]],
  "client identifier": [["a b", "\u00fc"], ["", "a\0", "\ud800", "x".repeat(65_536)]],
  "file path": [["a", "/a b"], ["", " ", "a\0"]],
  header: [["Bearer abc"], ["", " x", "a\r\nb", "\u00fc"]],
  mode: [["0660", "600"], ["", "0o660", "0680", "66", "06600"]],
  name: [["1883", "/run/b.sock", "a b"], ["", "  ", "a\nb", "x".repeat(201)]],
  network: [["10.0.0.0/8", "::1", "fd00::/8"], ["", "10.0.0.0/33", "home"]],
  origin: [
    ["https://a.example", "http://192.168.1.5:8080"],
    ["", "a.example", "https://a.example/", "https://a.example:443", "ftp://a"],
  ],
  "password hash": [[HASH], ["", "hunter2", "$7$101$aaaa$aaaa"]],
  "request path": [["/", "/mqtt", "/a%20b"], ["", "mqtt", "/a b", "/a?b", "/a#b"]],
  rule: [["publish a/#", "subscribe %u/+", "readwrite #"], [
    "",
    "publish",
    "write a",
    "publish a#",
  ]],
  "SCRAM verifier": [
    [`SCRAM-SHA-256$4096:AAAA$${KEY}:${KEY}`],
    ["", "hunter2", `SCRAM-SHA-256$4095:AAAA$${KEY}:${KEY}`, `SCRAM-SHA-256$4096:AAAA$${KEY}:AAAA`],
  ],
  secret: [["x", " "], [""]],
  "socket path": [["/run/b.sock", `/${"x".repeat(106)}`], ["", " ", `/${"x".repeat(107)}`]],
  text: [["x"], ["", " "]],
  "topic prefix": [["", "garden/", "a/b/"], ["garden", "+/", "$SYS/", "a\0/"]],
  URL: [["http://127.0.0.1:8080/x", "https://a"], ["", "a", "ftp://a", "http://user:pw@a/"]],
  "user name": [["ann", "a b", "\u00fc"], ["", "a\nb", "\ud800", "x".repeat(65_536)]],
};

Deno.test("textFault() finds nothing in what a form takes, and something in all else", () => {
  for (const [form, [right, wrong]] of Object.entries(CASES)) {
    const faults = (texts: string[]) =>
      texts.filter((text) => textFault(form as TextForm, text) !== undefined);
    assert.deepEqual(faults(right), [], form);
    assert.deepEqual(faults(wrong), wrong, form);
  }
});

Deno.test("textFault() gives a reason where the name of the form does not say it all", () => {
  const reasons: [TextForm, string, string][] = [
    ["topic prefix", "garden", "it does not end with '/'"],
    ["topic prefix", "$SYS/", "it begins with '$'"],
    ["user name", "x".repeat(65_536), "it has 65536 bytes"],
    [
      "URL",
      "http://user:pw@a/",
      "it has a user or a password in it; 'authorization' is the place for them",
    ],
    ["rule", "publish", "its Topic Filter is missing"],
    ["network", "home", ""],
  ];
  assert.deepEqual(reasons.map(([form, text]) => [form, text, textFault(form, text)]), reasons);
});

Deno.test("textFault() never repeats the text it is about", () => {
  for (const form of Object.keys(CASES)) {
    for (const text of ["hunter2\n", "$7$hunter2", "http://u:hunter2@a", "SCRAM-SHA-256$hunter2"]) {
      assert.equal(textFault(form as TextForm, text)?.includes("hunter2") ?? false, false, form);
    }
  }
});

Deno.test("asText() takes whole numbers where a name or an account may be one", () => {
  assert.deepEqual([asText("name", 1883), asText("account", 1000)], ["1883", "1000"]);
  assert.deepEqual(
    [asText("user name", 7), asText("name", 1.5), asText("mode", 660), asText("name", null)],
    [undefined, undefined, undefined, undefined],
  );
  const forms = Object.keys(CASES) as TextForm[];
  assert.deepEqual(forms.filter(takesNumbers), ["account", "name"]);
  assert.deepEqual(forms.filter(mayBeEmpty), ["topic prefix"]);
});

Deno.test("formAllows() and formHint() speak of the form, without a final full stop", () => {
  for (const form of Object.keys(CASES) as TextForm[]) {
    for (const text of [formAllows(form), formHint(form) ?? "x"]) assert.match(text, /[^.\s]$/);
  }
  assert.equal(formHint("password hash"), "run 'broker passwd' to make one");
  assert.equal(formHint("network"), undefined);
});
