import assert from "node:assert/strict";
import { DecoyHashes } from "../../src/access/decoy_hash.ts";
import { parsePasswordHash } from "../../src/access/password_hash.ts";
import { MADE_ELSEWHERE } from "./password_fixture.ts";

const HASHES = MADE_ELSEWHERE.map(({ hash }) => hash);

/** What a verification costs. */
function costOf(text: string): string {
  const { salt, digest, ...costs } = parsePasswordHash(text);
  return JSON.stringify({ ...costs, saltBytes: salt.length, digestBytes: digest.length });
}

Deno.test("DecoyHashes gives a name the same decoy each time, and every name its own", () => {
  const decoys = new DecoyHashes(HASHES);
  const names = Array.from({ length: 50 }, (_, index) => `user${index}`);
  const first = names.map((name) => decoys.hashFor(name));
  assert.deepEqual(names.map((name) => decoys.hashFor(name)), first);
  assert.equal(new Set(first).size, names.length);
});

Deno.test("DecoyHashes has the costs of users who exist, all of them", () => {
  const decoys = new DecoyHashes(HASHES);
  const costs = Array.from({ length: 200 }, (_, index) => costOf(decoys.hashFor(`user${index}`)));
  assert.deepEqual(new Set(costs), new Set(HASHES.map(costOf)));
});

Deno.test("DecoyHashes has the costs of new hashes where nobody has one", () => {
  const text = new DecoyHashes([]).hashFor("ann");
  assert.match(text, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

Deno.test("DecoyHashes cannot be foretold from outside the process", () => {
  const [one, other] = [new DecoyHashes(HASHES.slice(0, 1)), new DecoyHashes(HASHES.slice(0, 1))];
  assert.notEqual(one.hashFor("ann"), other.hashFor("ann"));
});
