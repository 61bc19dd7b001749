import assert from "node:assert/strict";
import { Admission, isBehindProxy } from "../../src/net/admission.ts";
import type { AdmissionRefusal as Refusal } from "../../src/net/login_service.ts";
import { testLogin, testOrigin } from "./login_fixture.ts";

const ADDRESS = "203.0.113.5";

/** What an address is told whose login service says so. */
function reasonFor(refusal: Refusal | undefined) {
  const { limits } = testLogin({ nowMs: 0 }, { maximumConnectionRate: 7 }).service;
  const admission = new Admission({ limits, refusesConnection: () => refusal });
  return admission.refusalOfAddress(ADDRESS, { maximumConnectionsPerAddress: Infinity });
}

Deno.test("Admission says why an address is turned away, and whether that was told already", () => {
  assert.deepEqual(
    ([undefined, "banned", "connection rate", "failed logins"] as const).map(reasonFor),
    [
      undefined,
      { reason: "its address is banned", isReported: true },
      { reason: "limits.max_connection_rate (7 a second)", isReported: false },
      { reason: "the limit for addresses whose logins fail (200 a second)", isReported: false },
    ],
  );
});

Deno.test("Admission counts the connections of each address, and none of a Unix socket", () => {
  const admission = new Admission(testLogin({ nowMs: 0 }).service);
  const limits = { maximumConnectionsPerAddress: 2 };
  const isRefused = (address: string) => admission.refusalOfAddress(address, limits) !== undefined;
  for (let time = 0; time < 2; time++) for (const address of [ADDRESS, ""]) admission.came(address);
  assert.deepEqual([ADDRESS, "203.0.113.6", ""].map(isRefused), [true, false, false]);
  admission.left(ADDRESS);
  admission.left("");
  assert.equal(isRefused(ADDRESS), false);
});

Deno.test("isBehindProxy() is true for those alone who may tell the address of the client", () => {
  const listeners = [
    [{}, false],
    [{ proxyProtocol: "off", websocket: { trustedProxies: [] } }, false],
    [{ proxyProtocol: "on" }, true],
    [{ proxyProtocol: "on", proxyNetworks: [ADDRESS] }, true],
    [{ proxyProtocol: "on", proxyNetworks: ["10.0.0.0/8"] }, false],
    [{ websocket: { trustedProxies: ["203.0.113.0/24"] } }, true],
    [{ websocket: { trustedProxies: ["10.0.0.0/8"] } }, false],
  ] as const;
  for (const [listener, expected] of listeners) {
    const origin = { ...testOrigin(listener), address: ADDRESS };
    assert.equal(isBehindProxy(origin), expected, JSON.stringify(listener));
  }
});
