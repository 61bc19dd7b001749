/**
 * Guesses at what was meant: right ones, and none where there is nothing to guess.
 */

import assert from "node:assert/strict";
import { keyHint, leafHint } from "../../src/config/hints.ts";
import { readLeaf } from "../../src/config/leaf.ts";
import { everyRow, type PathStep, rowAt } from "../../src/config/path.ts";
import { isLeaf } from "../../src/config/read.ts";
import type { TextForm } from "../../src/config/text_form.ts";
import { formHint } from "../../src/config/text_forms.ts";
import { choice, count, duration, type LeafRow, size, text, toggle } from "../../src/config/row.ts";

const RANGE = { from: "1 B", to: "1 GiB", about: "" };
const SIZE = size("1 B", RANGE);
const DURATION = duration("1s", { from: "1s", to: "1d", about: "" });
const COUNT = count(1, { from: 1, to: 9, unit: "", about: "" });

/** Hints for a key that stands in the section at `parent`. */
function keyHintAt(parent: readonly PathStep[], key: string): string | undefined {
  const row = rowAt(parent);
  assert.ok(row?.kind === "section");
  return keyHint(key, row.rows, parent);
}

Deno.test("leafHint() knows what people write in place of each kind of value", () => {
  const cases: [LeafRow, unknown, string | undefined][] = [
    [SIZE, "16 M", "did you mean '16 MiB'?"],
    [SIZE, "16mb", "did you mean '16 MB'?"],
    [SIZE, "9 kb", "did you mean '9 kB'?"],
    [SIZE, "1_000 bytes", "did you mean '1000 B'?"],
    [SIZE, "1.5 g.", undefined],
    [SIZE, "0.5 g.", "did you mean '0.5 GiB'?"],
    [SIZE, "sixteen", undefined],
    [SIZE, "16 s", undefined],
    [DURATION, "10 seconds", "did you mean '10s'?"],
    [DURATION, "2 Hours", "did you mean '2h'?"],
    [DURATION, "2 weeks", undefined],
    [DURATION, "10 mb", undefined],
    [COUNT, "5", "write it as 5"],
    [COUNT, "10", undefined],
    [COUNT, "", undefined],
    [COUNT, "five", undefined],
    [toggle(true, ""), "yes", "did you mean true?"],
    [toggle(true, ""), "OFF", "did you mean false?"],
    [toggle(true, ""), 1, "did you mean true?"],
    [toggle(true, ""), "maybe", undefined],
    [choice("drop", ["drop", "keep"], ""), "Keep", "did you mean 'keep'?"],
    [choice("drop", ["drop", "keep"], ""), "banana", undefined],
    [text("all", "address", ""), "pi:1883", "the port has a key of its own, 'port'"],
    [text("all", "address", ""), "[::1]:1883", "the port has a key of its own, 'port'"],
    [text("all", "address", ""), "a b", undefined],
    [text("all", "file path", ""), "pi:1883", undefined],
  ];
  assert.deepEqual(cases.map(([row, raw]) => [row, raw, leafHint(row, raw)]), cases);
});

Deno.test("leafHint() suggests only what its row allows", () => {
  const words = ["1", "0", "9 kb", "16 M", "3 sec", "999 weeks", "99999999 gb", "yes", "no"];
  const more = ["warn", "drop_old", "dropnewest", "localnetwork", "Always", "jsn", "2.5", "-1"];
  let suggestions = 0;
  for (const { path, row } of everyRow()) {
    if (!isLeaf(row)) continue;
    for (const raw of [...words, ...more]) {
      const hint = leafHint(row, raw);
      const meant = /^(?:did you mean|write it as) '?(.*?)'?\??$/.exec(hint ?? "")?.[1];
      if (meant === undefined) continue;
      suggestions++;
      const value: unknown = row.kind === "toggle" || row.kind === "count"
        ? JSON.parse(meant)
        : meant;
      assert.ok(readLeaf(row, value).ok, `${path.join(".")}: ${raw} -> ${hint}`);
    }
  }
  assert.ok(suggestions > 50, `${suggestions} suggestions`);
});

Deno.test("keyHint() prefers the nearest key of the section", () => {
  assert.equal(keyHintAt(["listeners", 0], "prot"), "did you mean 'port'?");
  assert.equal(keyHintAt(["limits"], "maxPacketSize"), "did you mean 'max_packet_size'?");
});

Deno.test("keyHint() knows the section that a key belongs under", () => {
  assert.equal(keyHintAt([], "max_qos"), "'max_qos' belongs under 'features' or 'listeners'");
  assert.equal(keyHintAt(["limits"], "sys_interval"), "'sys_interval' belongs to the top level");
  assert.equal(keyHintAt(["limits"], "level"), "'level' belongs under 'logging'");
});

Deno.test("keyHint() takes a path that was written as a key apart", () => {
  assert.equal(
    keyHintAt([], "logging.levels.client"),
    "write 'logging:' and, indented in the next line, 'levels:' and, indented in the next line, " +
      "'client:'",
  );
  assert.equal(
    keyHintAt(["logging"], "levels.client"),
    "write 'levels:' and, indented in the next line, 'client:'",
  );
  assert.equal(keyHintAt([], "logging.colour"), undefined);
});

Deno.test("keyHint() knows every name that other brokers have for a setting", () => {
  for (const { path, row } of everyRow()) {
    for (const alias of row.alias ?? []) {
      const hint = keyHintAt(["features"], alias.toUpperCase());
      assert.notEqual(hint, undefined, `${alias} of ${path.join(".")}`);
    }
  }
  assert.equal(keyHintAt([], "message_size_limit"), "did you mean 'limits.max_packet_size'?");
});

Deno.test("keyHint() has no guess for what is nothing like a key", () => {
  for (const key of ["", "xyzzy", "constructor", "__proto__", "a.b.c"]) {
    assert.equal(keyHintAt([], key), undefined, key);
  }
});

Deno.test("keyHint() knows Mosquitto's words for listeners, users and rules", () => {
  const words: [parent: PathStep[], key: string, setting: string][] = [
    [["listeners", 0], "certfile", "listeners.tls.certificate"],
    [["listeners", 0], "keyfile", "listeners.tls.key"],
    [["listeners", 0], "cafile", "listeners.tls.client_ca"],
    [["listeners", 0], "require_certificate", "listeners.tls.client_certificate"],
    [["listeners", 0], "use_identity_as_username", "listeners.tls.identity"],
    [["listeners", 0], "use_subject_as_username", "listeners.tls.identity"],
    [["listeners", 0], "crlfile", "listeners.tls.crl"],
    [["listeners", 0], "tls_version", "listeners.tls.min_version"],
    [["listeners", 0], "websockets_origin", "listeners.websocket.origins"],
    [["listeners", 0], "socket_domain", "listeners.address"],
    [["listeners", 0], "bind_interface", "listeners.address"],
    [[], "enable_proxy_protocol", "listeners.proxy_protocol"],
    [["limits"], "accept_protocol_versions", "listeners.protocol_versions"],
    [[], "password_file", "authentication.password_files"],
    [[], "certfile", "listeners.tls.certificate"],
    [[], "listener_allow_anonymous", "listeners.allow_anonymous"],
  ];
  assert.deepEqual(
    words.map(([parent, key]) => [parent, key, keyHintAt(parent, key)]),
    words.map(([parent, key, setting]) => [parent, key, `did you mean '${setting}'?`]),
  );
  assert.equal(
    keyHintAt(["listeners", 0], "accept_protocol_versions"),
    "did you mean 'protocol_versions'?",
  );
  assert.equal(keyHintAt(["listeners", 0], "mountpoint"), "did you mean 'mount_point'?");
  assert.equal(keyHintAt([], "acl_file"), "did you mean 'acl_files'?");
  assert.equal(keyHintAt([], "mount_point"), "'mount_point' belongs under 'listeners'");
  assert.equal(keyHintAt([], "clientid_prefixes"), "'clientid_prefixes' belongs under 'listeners'");
});

Deno.test("leafHint() knows what is wrong with texts of a form", () => {
  const cases: [TextForm, unknown, string | undefined][] = [
    ["rule", "write a", "did you mean 'publish a'?"],
    ["topic prefix", "garden", "did you mean 'garden/'?"],
    ["topic prefix", "#", undefined],
    ["mode", 660, 'put it into quotes, as in "0660"'],
    ["user name", 815, 'put it into quotes, as in "815"'],
    ["user name", [], undefined],
    ["origin", "a.example", formHint("origin")],
  ];
  assert.deepEqual(
    cases.map(([form, raw]) => [form, raw, leafHint(text(undefined, form, ""), raw)]),
    cases,
  );
});
