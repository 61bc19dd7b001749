/**
 * The files that a configuration names.
 */

import assert from "node:assert/strict";
import { namedFiles } from "../../src/check/named_files.ts";
import { parseSettings } from "../../src/config/load.ts";

function filesOf(text: string) {
  const loaded = parseSettings("/etc/broker.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  return namedFiles(loaded);
}

Deno.test("namedFiles() has none without a configuration, and not what the broker writes itself", () => {
  assert.deepEqual(filesOf("persistence: {path: a}\nlogging: {destinations: [{file: b}]}\n"), []);
});

Deno.test("namedFiles() has every file with its setting and its line", () => {
  const files = filesOf(`
listeners:
  - port: 1
  - port: 2
    tls:
      certificate: c
      key: k
      client_ca: ca
      client_certificate: require
      crl: /r
acl_files: [a1, a2]
authentication:
  password_files:
    - p
  jwt: {key_file: j}
`);
  assert.deepEqual(
    files.map(({ content, path, place, setting }) => [content, path, place, setting]),
    [
      ["certificate", "/etc/c", "/etc/broker.yaml:6", "listeners[1].tls.certificate"],
      ["private key", "/etc/k", "/etc/broker.yaml:7", "listeners[1].tls.key"],
      ["certificate", "/etc/ca", "/etc/broker.yaml:8", "listeners[1].tls.client_ca"],
      ["crl", "/r", "/etc/broker.yaml:10", "listeners[1].tls.crl"],
      ["acl", "/etc/a1", "/etc/broker.yaml:11", "acl_files[0]"],
      ["acl", "/etc/a2", "/etc/broker.yaml:11", "acl_files[1]"],
      ["passwords", "/etc/p", "/etc/broker.yaml:14", "authentication.password_files[0]"],
      ["key", "/etc/j", "/etc/broker.yaml:15", "authentication.jwt.key_file"],
    ],
  );
  assert.deepEqual(files.map(({ shownPath }) => shownPath).slice(0, 2), ["'/etc/c'", "'/etc/k'"]);
});

Deno.test("namedFiles() does not show a path that came from elsewhere", () => {
  Deno.env.set("BROKER_TEST_PATH", "/hunter2");
  try {
    const [file] = filesOf("acl_files: [!env BROKER_TEST_PATH]\n");
    assert.deepEqual([file?.path, file?.shownPath], ["/hunter2", "(not shown)"]);
  } finally {
    Deno.env.delete("BROKER_TEST_PATH");
  }
});
