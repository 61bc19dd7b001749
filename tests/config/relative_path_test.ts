/**
 * Where relative paths of a configuration start.
 */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { parseSettings } from "../../src/config/load.ts";
import { besideConfiguration, folderOf } from "../../src/config/relative_path.ts";

Deno.test("besideConfiguration() starts from the folder of the file", () => {
  assert.equal(
    besideConfiguration(folderOf("/etc/broker/broker.yaml"), "a/b.pem"),
    "/etc/broker/a/b.pem",
  );
  assert.equal(besideConfiguration("/etc/broker", "../b.pem"), "/etc/b.pem");
  assert.equal(besideConfiguration("/etc/broker", "/run/b.pem"), "/run/b.pem");
  assert.equal(folderOf("broker.yaml"), resolve("."));
});

Deno.test("files that belong to the configuration are beside it; what the broker writes is not", () => {
  const text = `
listeners:
  - path: mqtt.sock
    tls: {certificate: a.pem, key: k.pem, client_ca: ca.pem, client_certificate: require, crl: /c}
acl_files: [acl, /etc/acl]
authentication: {password_files: [p], jwt: {key_file: j}}
persistence: {path: data.db}
logging: {destinations: [{file: x.log}]}
`;
  const loaded = parseSettings("/etc/broker/broker.yaml", text);
  if (!loaded.ok) assert.fail(loaded.report);
  const { listeners, aclFiles, authentication, persistence, logging } = loaded.settings;
  assert.deepEqual(
    [listeners[0]?.tls.certificate, listeners[0]?.tls.key, listeners[0]?.tls.clientCa],
    ["/etc/broker/a.pem", "/etc/broker/k.pem", "/etc/broker/ca.pem"],
  );
  assert.deepEqual([listeners[0]?.tls.crl, listeners[0]?.path], ["/c", "mqtt.sock"]);
  assert.deepEqual(aclFiles, ["/etc/broker/acl", "/etc/acl"]);
  assert.deepEqual(authentication.passwordFiles, ["/etc/broker/p"]);
  assert.equal(authentication.jwt.keyFile, "/etc/broker/j");
  assert.equal(persistence.path, "data.db");
  assert.deepEqual(logging.destinations, [{
    file: "x.log",
    maxSizeBytes: 10 * 1024 ** 2,
    keep: 5,
  }]);
});
