import assert from "node:assert/strict";
import { targetOf } from "../../src/cli/bench_target.ts";

Deno.test("the options of `pub` say the same here", () => {
  const plain = targetOf({});
  assert.equal(plain.name, "localhost:1883");
  assert.deepEqual(plain.connect, {
    endpoint: {
      host: "localhost",
      port: 1883,
      unixPath: undefined,
      tls: undefined,
      websocketPath: undefined,
      proxy: undefined,
      bindAddress: undefined,
      noDelay: true,
    },
    version: 5,
    username: undefined,
    password: undefined,
  });
  const all = targetOf({
    host: "192.0.2.1",
    username: "u",
    pw: "p",
    protocolVersion: "mqttv311",
    tlsUseOsCerts: true,
    insecure: true,
    wsPath: "/x",
  });
  const { endpoint, version, username, password } = all.connect;
  assert.deepEqual([all.name, version, username, password], ["192.0.2.1:8883", 4, "u", "p"]);
  assert.deepEqual([endpoint.tls?.checkHostname, endpoint.websocketPath], [false, "/x"]);
  assert.equal(targetOf({ ws: true }).connect.endpoint.websocketPath, "/mqtt");
  assert.equal(targetOf({ protocolVersion: "31" }).connect.version, 3);
});

Deno.test("a broker elsewhere has no process here", () => {
  assert.deepEqual(targetOf({ host: "192.0.2.1" }).process, {
    meter: undefined,
    unknown: "it runs on another machine",
    isLocal: false,
  });
});

Deno.test({
  name: "the process is found by its port, or named",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    assert.equal(targetOf({ port }).process.meter?.pid, Deno.pid);
    assert.equal(targetOf({ host: "192.0.2.1", pid: Deno.pid }).process.meter?.pid, Deno.pid);
    assert.match(targetOf({ pid: 2 ** 30 }).process.unknown ?? "", /does not exist/);
  },
});

Deno.test("a file that cannot be read is named", () => {
  assert.throws(() => targetOf({ cafile: "/nowhere/ca.pem" }), /Cannot read '\/nowhere\/ca\.pem'/);
});
