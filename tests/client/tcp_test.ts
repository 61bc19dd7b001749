import assert from "node:assert/strict";
import { connectTcp, isAddress } from "../../src/client/tcp.ts";

Deno.test("connectTcp() finds the address of a name that answers", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    // A machine may not have ::1, or not by this name.
    const isKnown = await connectsTo(hostname);
    if (!isKnown) continue;
    using listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    using conn = await connectTcp("localhost", port, undefined);
    using accepted = await listener.accept();
    assert.equal((conn.localAddr as Deno.NetAddr).port, (accepted.remoteAddr as Deno.NetAddr).port);
  }
});

async function connectsTo(address: string): Promise<boolean> {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup("localhost", { all: true });
  return found.some((entry) => entry.address === address);
}

Deno.test("connectTcp() rejects with the platform's error when nobody answers", async () => {
  for (const host of ["localhost", "127.0.0.1"]) {
    await assert.rejects(connectTcp(host, 1, undefined), { name: "ConnectionRefused" });
  }
});

Deno.test("connectTcp() does not begin when it is given up already", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const signal = AbortSignal.abort(new Error("given up"));
  await assert.rejects(connectTcp("localhost", port, signal), { message: "given up" });
});

Deno.test("isAddress() knows addresses from names", () => {
  assert.deepEqual(
    ["127.0.0.1", "::1", "fe80::1%eth0", "localhost", "1.example", "1.2.3"].map(isAddress),
    [true, true, true, false, false, false],
  );
});
