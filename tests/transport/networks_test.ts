import assert from "node:assert/strict";
import { isInNetworks, parseNetworks } from "../../src/transport/networks.ts";

Deno.test("isInNetworks() is true for an address in any of the networks", () => {
  const networks = parseNetworks(["10.0.0.0/8", "2001:db8::/32"]);
  const addresses = ["10.1.2.3", "2001:db8::7", "11.1.2.3", "2001:db9::7", "nonsense"];
  assert.deepEqual(addresses.map((address) => isInNetworks(networks, address)), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("isInNetworks() is true for a Unix socket, whose permissions are the rule", () => {
  assert.equal(isInNetworks(parseNetworks(["10.0.0.0/8"]), ""), true);
});

Deno.test("parseNetworks() names a network that cannot be read", () => {
  assert.throws(() => parseNetworks(["10.0.0.0/8", "10.0.0.0/99"]), {
    message: "Cannot read the network '10.0.0.0/99'",
  });
});
