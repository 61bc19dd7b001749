import assert from "node:assert/strict";
import { trustAsToldBy } from "../../src/client/trust.ts";
import { tlsOptions } from "./endpoint_fixture.ts";

const STORE = "DENO_TLS_CA_STORE";

/** What the environment says afterwards, when it said `before`. Puts it back. */
function chosen(before: string | undefined, ...caCertificates: string[]): string | undefined {
  const real = Deno.env.get(STORE);
  const set = (value: string | undefined) =>
    value === undefined ? Deno.env.delete(STORE) : Deno.env.set(STORE, value);
  try {
    set(before);
    trustAsToldBy(tlsOptions({ caCertificates }));
    return Deno.env.get(STORE);
  } finally {
    set(real);
  }
}

Deno.test("trustAsToldBy() leaves only the CAs that are given", () => {
  assert.deepEqual([chosen(undefined, "PEM"), chosen("mozilla", "PEM")], ["", ""]);
});

Deno.test("trustAsToldBy() takes those of the system when none are given, or what the user says", () => {
  assert.deepEqual([chosen(undefined), chosen("mozilla")], ["system", "mozilla"]);
});
