import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { endOf } from "../../src/certificates/facts.ts";
import {
  CA_KEY_FILE,
  RECORD_FILE,
  SERVER_FILE,
  SERVER_KEY_FILE,
} from "../../src/certificates/folder.ts";
import { renewIfDue } from "../../src/certificates/renew.ts";
import { DAY_MS } from "../../src/certificates/renewal_time.ts";
import { namesIn } from "../storage/fixture.ts";
import { HOST, HOST_NAMES, MADE_AT_MS, MadeFolder } from "./folder_fixture.ts";

/** The broker's daily look, some days after the certificate was made. */
function look(made: MadeFolder, afterDays: number, system = HOST) {
  const file = `${made.path}/${SERVER_FILE}`;
  return renewIfDue(file, MADE_AT_MS + afterDays * DAY_MS, system);
}

Deno.test("a certificate is renewed thirty days before its end, with the same key and CA", async () => {
  using made = new MadeFolder();
  const first = await made.ensure(0, { addedNames: ["a.org"] });
  const endsAtMs = endOf(first.certificate);
  assert.deepEqual(await look(made, 794), { kind: "good", endsAtMs, missingNames: [] });
  assert.equal(made.read(SERVER_FILE), first.certificate);
  const files = namesIn(made.path);
  const renewal = await look(made, 796);
  const renewed = made.read(SERVER_FILE);
  assert.deepEqual(renewal, {
    kind: "renewed",
    endsAtMs: endOf(renewed),
    names: [...HOST_NAMES.slice(0, 3), "a.org", ...HOST_NAMES.slice(3)],
  });
  assert.equal(endOf(renewed), endsAtMs + 796 * DAY_MS);
  assert.equal(made.read(SERVER_KEY_FILE), first.key);
  assert.equal(new X509Certificate(renewed).checkIssued(new X509Certificate(first.ca)), true);
  assert.deepEqual(namesIn(made.path), files);
  assert.equal((await look(made, 797)).kind, "good");
});

Deno.test("a name that the host has now is told, and waits for the renewal", async () => {
  using made = new MadeFolder();
  const { certificate } = await made.ensure();
  const moved = { hostname: () => "pi", addresses: () => ["10.0.0.8", "fd00::1"] };
  assert.deepEqual(await look(made, 1, moved), {
    kind: "good",
    endsAtMs: endOf(certificate),
    missingNames: ["10.0.0.8"],
  });
  assert.equal(made.read(SERVER_FILE), certificate);
  await look(made, 800, moved);
  assert.equal((await look(made, 801, moved)).kind, "good");
  assert.equal(new X509Certificate(made.read(SERVER_FILE)).checkIP("10.0.0.8"), "10.0.0.8");
});

Deno.test("certificates of others are none of its business", async () => {
  using made = new MadeFolder();
  const none = { kind: "not_ours" };
  assert.deepEqual(await look(made, 0), none);
  await Deno.writeTextFile(`${made.path}/${SERVER_FILE}`, "of somebody");
  assert.deepEqual(await look(made, 0), none);
  assert.deepEqual(await renewIfDue(`${made.path}/fullchain.pem`, MADE_AT_MS, HOST), none);
  assert.deepEqual(namesIn(made.path), [SERVER_FILE]);
});

Deno.test("a certificate that ends with its CA is left to people", async () => {
  using made = new MadeFolder();
  await made.ensure();
  await made.ensure(3600);
  const certificate = made.read(SERVER_FILE);
  const expected = { kind: "ca_ends", endsAtMs: endOf(certificate) };
  assert.deepEqual(await look(made, 3640), expected);
  assert.deepEqual(await look(made, 4000), expected);
  assert.equal(made.read(SERVER_FILE), certificate);
});

Deno.test("what stands in the way is said, and changes nothing", async () => {
  using made = new MadeFolder();
  const { certificate } = await made.ensure();
  const key = made.read(CA_KEY_FILE);
  const reasonOf = async (afterDays: number) => {
    const renewal = await look(made, afterDays);
    return renewal.kind === "failed" ? renewal.reason : renewal.kind;
  };
  await Deno.remove(`${made.path}/${CA_KEY_FILE}`);
  assert.equal(await reasonOf(700), "good");
  assert.match(await reasonOf(800), /^Cannot make a certificate: '.*ca-key\.pem' is not there/);
  await Deno.writeTextFile(`${made.path}/${CA_KEY_FILE}`, "another one");
  assert.match(await reasonOf(800), /^Cannot use '.*ca-key\.pem': .*did not make it/);
  await Deno.writeTextFile(`${made.path}/${CA_KEY_FILE}`, key);
  assert.equal(made.read(SERVER_FILE), certificate);
  assert.equal(await reasonOf(800), "renewed");
  await Deno.writeTextFile(`${made.path}/${RECORD_FILE}`, "{");
  assert.match(await reasonOf(800), /^Cannot read '.*broker-cert\.json'/);
});
