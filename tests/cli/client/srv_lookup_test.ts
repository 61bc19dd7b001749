import assert from "node:assert/strict";
import { lookUpServer } from "../../../src/cli/client/srv_lookup.ts";

const record = (priority: number, weight: number, target: string) => ({
  priority,
  weight,
  target,
  port: 1000 + weight,
});

Deno.test("lookUpServer() takes the lowest priority, and of those the largest weight", async () => {
  const asked: string[] = [];
  const resolve = (name: string) => {
    asked.push(name);
    return Promise.resolve([record(2, 9, "c."), record(1, 1, "a."), record(1, 5, "b.")]);
  };
  assert.deepEqual(await lookUpServer("example.org", false, resolve), { host: "b", port: 1005 });
  await lookUpServer("example.org", true, resolve);
  assert.deepEqual(asked, ["_mqtt._tcp.example.org", "_secure-mqtt._tcp.example.org"]);
});

Deno.test("lookUpServer() says why there is no server", async () => {
  const none = () => Promise.resolve([]);
  const fails = () => Promise.reject(new Error("no such name"));
  const cannot = "Cannot look up the SRV record '_mqtt._tcp.x.org'";
  await assert.rejects(lookUpServer("x.org", false, none), { message: `${cannot}: there is none` });
  await assert.rejects(lookUpServer("x.org", false, fails), { message: `${cannot}: no such name` });
  await assert.rejects(lookUpServer("localhost", false, none), /'-S' needs a domain, by '-h'/);
});
